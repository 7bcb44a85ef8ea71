"""Name an article in the reader's language. The packs give it as it was read. Pure."""

from __future__ import annotations

import re

DIGITS = {word: value for value, word in enumerate("零一二三四五六七八九")}
UNITS = {"十": 10, "百": 100, "千": 1000}
NUMERAL = "[零一二三四五六七八九十百千]+"
REMARKS = re.compile(
    r",? ?(?:\(?(?:article and notice number from memory|article number from memory|"
    r"clause number not read|clause not read|article number not read|number not read|titles only|"
    r"regulation number not read|from memory|not read)\)?)+|（据报道）"
)
GLOSS = re.compile(r"\s*\(((?:Articles?|Online mediation)[^()]*)\)")
WORDS = {
    "在线调解规则": "Online mediation rules, ",
    "特邀调解规定": "Invited mediation rules, ",
    "民事诉讼法解释": "Interpretation of the Civil Procedure Law, ",
    "民法典": "Civil Code, ",
    "批复": "Reply, ",
    "意见": "Opinion, ",
    "解释": "Interpretation, ",
    "无条款，报道不一": "no article; reports differ",
    "只减半一次：": "halved once: ",
    "；": "; ",
    "、": ", ",
    "至": " to ",
    "（": " (",
    "）": ")",
}


def unread(article: str) -> bool:
    """Return whether the article's own number was not read in the text."""
    return any(word in article for word in ("not read", "titles only", "据报道", "报道不一"))


def from_memory(article: str) -> bool:
    """Return whether the article is named from memory."""
    return "from memory" in article


def in_chinese(article: str) -> str:
    """Return an article as Chinese writes it; "" where no number was read."""
    return REMARKS.sub("", GLOSS.sub("", article)).strip()


def in_english(article: str) -> str:
    """Return an article in English; "" where no number was read."""
    plain = REMARKS.sub("", article).strip()
    if gloss := GLOSS.search(plain + (")" if plain.count("(") > plain.count(")") else "")):
        return gloss[1].strip(" ,")
    plain = re.sub(rf"第({NUMERAL})条之一", lambda m: f"Article {number(m[1])}-1", plain)
    plain = re.sub(rf"第({NUMERAL})条", lambda m: f"Article {number(m[1])}", plain)
    plain = re.sub(rf"第({NUMERAL})款", lambda m: f", paragraph {number(m[1])}", plain)
    plain = re.sub(rf"第（({NUMERAL})）项", lambda m: f", item {number(m[1])}", plain)
    plain = re.sub(r"第(\d+)目", r", number \1", plain)
    for chinese, english in WORDS.items():
        plain = plain.replace(chinese, english)
    return re.sub(r"[\u4e00-\u9fff]+", "", plain).strip()


def number(word: str) -> int:
    """Return what a Chinese numeral says: 二百零五 is 205."""
    total, digit = 0, 0
    for letter in word:
        if letter in UNITS:
            total += (digit or 1) * UNITS[letter]
            digit = 0
        else:
            digit = DIGITS[letter]
    return total + digit
