"""How values read on a page: money, days, instants, shares, labels, icons."""

from __future__ import annotations

import re
import uuid
from collections.abc import Callable
from datetime import date, datetime
from typing import Any

from django import template
from django.templatetags.static import static
from django.utils import formats, timezone
from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString
from django.utils.translation import get_language, ngettext
from django.utils.translation import gettext as _

from forbear.actions.rulebook import topic_of
from forbear.actions.segment import segment_says
from forbear.console import labels, law_labels
from forbear.kernel.money import render_minor

register = template.Library()
GLOSS = re.compile(r" \(Article [^)]*\)$")  # what an article is called in English, after its name
NEXT_TO = re.compile(r" (?=[\uff08])")  # a full-width bracket brings its own space
FOLD = re.compile(r"(?<=[\u3000-\u303f\u4e00-\u9fff\uff00-\uffef]) (?=[\u4e00-\u9fff])")


@register.simple_tag
def once() -> SafeString:
    """Return the field that makes a form do one thing once, however often it is sent."""
    return format_html('<input type="hidden" name="once" value="{}">', uuid.uuid4())


@register.filter
def label(word: str, words: str) -> str:
    """Return what the pages call a word of a list."""
    return labels.label(words, word or "")


@register.filter
def tone(word: str) -> str:
    """Return the color class of a state."""
    return labels.TONE.get(word, "")


@register.filter
def moves(action: str) -> bool:
    """Return whether a decision goes on to a state of its own."""
    return labels.moves(action)


@register.filter
def money(amount_minor: int | None, currency: str) -> str:
    """Return minor units with thousands, below zero `−¥ 15.00`; an en dash where there are none."""
    if amount_minor is None:
        return "–"
    whole = render_minor(abs(int(amount_minor)), currency)
    return f"−{whole}" if amount_minor < 0 else whole


@register.filter
def unbroken(text: str) -> SafeString:
    """Return parts that are set apart by dots, none of them broken over two lines."""
    parts = ((part,) for part in text.split(" · "))
    return (
        format_html_join(" · ", '<span class="nowrap">{}</span>', parts) if text else SafeString()
    )


@register.filter
def brief(amount_minor: int, currency: str) -> str:
    """Return a large amount as a headline: in 万 and 亿, or in k and M."""
    whole = render_minor(int(amount_minor), currency)
    major = amount_minor / 100
    steps = ((10**8, "亿"), (10**4, "万")) if chinese() else ((10**6, "M"), (10**3, "k"))
    for size, name in steps:
        if abs(major) >= size:
            sign, part = whole.split(" ")[0], major / size
            gap = " " if chinese() else ""
            return f"{sign} {part:,.{1 if abs(part) >= 10 else 2}f}{gap}{name}"
    return whole


@register.filter
def count(number: int | None) -> str:
    """Return a whole number with thousands."""
    return "–" if number is None else f"{number:,}"


@register.filter
def percent(share_ppm: int | None) -> str:
    """Return parts per million as a percentage with one decimal; a mark where there is none."""
    return "" if share_ppm is None else f"{share_ppm / 10_000:.1f}"


@register.filter
def change(now: int, before: int | None) -> str:
    """Return how far a figure moved since the night before, signed; "" where unknown."""
    if before is None:
        return ""
    moved = now - before
    return f"{'+' if moved > 0 else '−' if moved < 0 else '±'}{abs(moved):,}"


@register.filter
def day(value: date | None) -> str:
    """Return a day as YYYY-MM-DD with its day of the week; days are absolute."""
    if value is None:
        return "–"
    return f"{value:%Y-%m-%d} {formats.date_format(value, 'D')}"


@register.filter
def iso(value: date | None) -> str:
    """Return a day as YYYY-MM-DD."""
    return f"{value:%Y-%m-%d}" if value else ""


@register.filter
def clock(value: datetime | None) -> str:
    """Return an instant by the clock it carries: month, day, hour, minute."""
    return f"{value:%m-%d %H:%M}" if value else "–"


@register.filter
def clock_now(value: datetime | None) -> str:
    """Return the hour and minute now by the clock an instant carries; "" for the office's own."""
    now = timezone.localtime()
    theirs = now.astimezone(value.tzinfo) if value else now
    return "" if theirs.utcoffset() == now.utcoffset() else f"{theirs:%H:%M}"


@register.filter
def when(value: datetime | None) -> SafeString | str:
    """Return an instant by the office's clock, with how long ago beside it."""
    if value is None:
        return "–"
    local = timezone.localtime(value)
    pattern = "%m-%d %H:%M" if local.year == timezone.localtime().year else "%Y-%m-%d %H:%M"
    return format_html(
        '<time datetime="{}" title="{}">{}</time> <span class="faint">{}</span>',
        value.isoformat(),
        local.strftime("%Y-%m-%d %H:%M:%S %Z"),
        local.strftime(pattern),
        ago(value),
    )


@register.filter
def ago(value: datetime | date) -> str:
    """Return how long ago, or in how long, something is, in one unit."""
    now = timezone.now()
    if isinstance(value, datetime):
        seconds = int((now - value).total_seconds())
    else:
        seconds = (timezone.localdate() - value).days * 86_400
        if seconds == 0:
            return _("今天")
    past, seconds = seconds >= 0, abs(seconds)
    if seconds < 60:
        return _("刚刚") if past else _("马上")
    for size, long in UNITS:
        if seconds >= size:
            said = long(seconds // size)
            return (_("%(long)s前") if past else _("%(long)s后")) % {"long": said}
    return ""


UNITS: tuple[tuple[int, Callable[[int], str]], ...] = (
    (86_400 * 365, lambda n: ngettext("%(n)d 年", "%(n)d 年", n) % {"n": n}),
    (86_400, lambda n: ngettext("%(n)d 天", "%(n)d 天", n) % {"n": n}),
    (3_600, lambda n: ngettext("%(n)d 小时", "%(n)d 小时", n) % {"n": n}),
    (60, lambda n: ngettext("%(n)d 分钟", "%(n)d 分钟", n) % {"n": n}),
)


@register.filter
def seconds(milliseconds: int) -> str:
    """Return milliseconds as seconds with one decimal."""
    return f"{milliseconds / 1000:.1f}"


@register.filter
def says(rule: Any) -> str:
    """Return what a rule says in the reader's language."""
    text = rule.says_zh if chinese() and rule.says_zh else rule.says
    return FOLD.sub("", " ".join(text.split()))


@register.filter
def instrument(rule: Any) -> str:
    """Return the name of the instrument a rule comes from; the house's own is named so."""
    return _("本机构政策") if rule.force == "house" else str(rule.instrument)


@register.filter
def article(text: str) -> str:
    """Return an article as the pack gives it, its remarks in the reader's language."""
    for remark, said in (
        ("(clause number not read)", _("（条款号未读到）")),
        ("(clause not read)", _("（条款号未读到）")),
        ("not read", _("条款号未读到")),
    ):
        if remark in text:
            return NEXT_TO.sub("", " ".join(text.replace(remark, said).split()))
    return GLOSS.sub("", text) if chinese() else text


@register.filter
def actor(code: str) -> str:
    """Return who did something in words: a role of the lender, an agency, a user, a program."""
    kind, _colon, name = code.partition(":")
    words = labels.LISTS["actor"]
    if code in words:
        return str(words[code])
    return f"{words[kind]} {name}".strip() if kind in words else code


@register.filter
def reason(code: str) -> str:
    """Return a reason code in words."""
    known = law_labels.SILENCE.get(code)
    if known:
        return str(known)
    if code.startswith("law.silent."):
        topic = labels.label("topic", code.removeprefix("law.silent."))
        return _("没有规则可问：%(topic)s；没有规则，就不联系") % {"topic": topic}
    topic = topic_of(code)
    return labels.label("topic", topic) if topic else code


@register.filter
def question(rule: str) -> str:
    """Return what a rule is about, as the name of a question that was asked."""
    topic = topic_of(rule)
    if topic:
        return labels.label("topic_name", topic)
    return labels.label("silence_name", rule) if rule in law_labels.SILENCE_NAME else reason(rule)


@register.filter
def segment(code: str) -> str:
    """Return a leaf of the strategy tree in words."""
    return segment_says(code, chinese=chinese()) or code


@register.filter
def why(code: str) -> str:
    """Return the first sentence of a leaf's words: why a person is in it, without what follows."""
    said = segment(code)
    for stop in ("。", ". "):
        head, found, _rest = said.partition(stop)
        if found:
            return head
    return said.rstrip(".")


@register.filter
def says_dict(rule: dict[str, Any]) -> str:
    """Return what a rule that is written as a mapping says in the reader's language."""
    return FOLD.sub("", " ".join(str(rule["says_zh" if chinese() else "says"]).split()))


@register.filter
def note(written: Any) -> str:
    """Return a night's note in the reader's language, where it has one for each."""
    if isinstance(written, dict):
        return str(written.get("zh" if chinese() else "en", ""))
    return str(written)


@register.filter
def of(counts: dict[str, int], key: str) -> int | None:
    """Return the count under a key, None where there is none."""
    return counts.get(key)


@register.filter
def local(value: datetime) -> datetime:
    """Return an instant by the office's clock."""
    return timezone.localtime(value)


@register.filter
def instant(text: str) -> datetime:
    """Return an instant written in ISO 8601."""
    return datetime.fromisoformat(text)


@register.filter
def plain(amount_minor: int, currency: str) -> str:
    """Return an amount as a person types it: major units, no sign, no thousands."""
    return render_minor(int(amount_minor), currency).split(" ")[-1].replace(",", "")


@register.filter
def plus(number: int, more: int) -> int:
    """Return a sum."""
    return int(number) + int(more)


@register.simple_tag
def icon(name: str) -> SafeString:
    """Return an icon; it is decoration, the word beside it says the same."""
    return format_html(
        '<svg class="i" aria-hidden="true"><use href="{}#{}"/></svg>',
        static("console/icons.svg"),
        name,
    )


@register.simple_tag
def bar(share_ppm: int) -> SafeString:
    """Return a bar as long as a share of its place."""
    return format_html(
        '<svg class="bar" viewBox="0 0 1000000 8" preserveAspectRatio="none" aria-hidden="true">'
        '<rect width="{}" height="8"/></svg>',
        share_ppm,
    )


@register.simple_tag(takes_context=True)
def query(context: template.Context, **changes: Any) -> str:
    """Return this page's address with some of its state changed; an empty value removes it."""
    state = context["request"].GET.copy()
    state.pop("page", None)
    for name, value in changes.items():
        if value in ("", None):
            state.pop(name, None)
        else:
            state[name] = str(value)
    return f"?{state.urlencode()}"


@register.inclusion_tag("console/parts/column.html", takes_context=True)
def column(
    context: template.Context, name: str, title: str, number: bool = False
) -> dict[str, Any]:
    """Return the head of a column that sorts its table; the order stands in the address."""
    listing = context["listing"]
    active = listing.sort == name
    state = context["request"].GET.copy()
    state.pop("page", None)
    state["sort"] = name if active and listing.descending else f"-{name}"
    return {
        "title": title,
        "address": "?" + state.urlencode(),
        "sorted": ("descending" if listing.descending else "ascending") if active else "",
        "number": number,
    }


def chinese() -> bool:
    """Return whether the reader reads Chinese."""
    return (get_language() or "zh").startswith("zh")
