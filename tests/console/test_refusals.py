"""What an error says on a Chinese page: a Chinese sentence, whichever error a page can meet."""

from __future__ import annotations

import importlib
import inspect
import pkgutil
import re
from collections.abc import Iterator
from pathlib import Path

import pytest
from django.utils import translation
from tests.people import someone

import forbear
from forbear.console import refusals, views
from forbear.kernel.errors import ForbearError

ENGLISH = re.compile(r"\b[a-z]{2,}(?:[ ,;:]+[a-z]{2,}){2,}")  # three words in a row; no names
PLACES = re.compile(r"%\((\w+)\)s")
CHINESE = re.compile(r"[\u4e00-\u9fff]")


def errors_by_name() -> dict[str, set[type[ForbearError]]]:
    """Return every error of the house by its name; some share one."""
    for module in pkgutil.walk_packages(forbear.__path__, "forbear."):
        if not any(part in module.name for part in ("__main__", ".migrations", "spark")):
            importlib.import_module(module.name)
    found: dict[str, set[type[ForbearError]]] = {}
    for each in below(ForbearError):
        found.setdefault(each.__name__, set()).add(each)
    return found


def below(kind: type) -> Iterator[type]:
    for each in kind.__subclasses__():
        yield each
        yield from below(each)


def errors_of_acts() -> set[str]:
    """Return the names of errors that what views call says it can raise."""
    names: set[str] = set()
    for module in pkgutil.iter_modules(views.__path__):
        acts = vars(importlib.import_module(f"{views.__name__}.{module.name}")).values()
        for act in acts:
            if inspect.isfunction(act) and act.__module__.startswith("forbear.actions"):
                said = re.search(r"Errors:(.*?)(?:\n\s*\n|\Z)", act.__doc__ or "", re.S)
                names |= set(re.findall(r"\b[A-Z]\w+", said[1])) if said else set()
    return names


def raised(kind: type[ForbearError]) -> ForbearError:
    """Return an error as it would stand, with English words of its own."""
    error = kind.__new__(kind)
    ForbearError.__init__(error, "no person has the id 999999")
    return error


def test_every_error_that_a_page_can_meet_has_its_chinese_sentence():
    known = errors_by_name()
    met = {each for name in errors_of_acts() for each in known.get(name, ())}
    assert len(met) > 60
    # Calculators and products say theirs with the values that the error holds.
    missing = {
        each.code
        for each in met
        if each.code not in refusals.SAYS and not each.code.startswith(("calculation.", "product."))
    }
    assert not missing, f"no sentence in console/refusals.py for: {sorted(missing)}"


def test_no_error_of_the_house_shows_an_english_sentence_on_a_chinese_page():
    with translation.override("zh-hans"):
        for kinds in errors_by_name().values():
            for kind in kinds:
                if kind.__init__ is ForbearError.__init__:
                    told = refusals.told(raised(kind))
                    assert CHINESE.search(told), (kind.code, told)
                    assert not ENGLISH.search(told), (kind.code, told)


def test_on_an_english_page_an_error_says_itself_what_was_wrong():
    with translation.override("en"):
        for code in refusals.SAYS:
            error = ForbearError("no person has the id 999999")
            error.code = code
            assert not CHINESE.search(refusals.told(error))


def test_every_code_that_has_a_sentence_is_one_of_the_house():
    codes = {each.code for kinds in errors_by_name().values() for each in kinds}
    assert {code.partition(":")[0] for code in refusals.SAYS} <= codes


ADDRESSES = (
    "people/999999/", "accounts/999999/", "bank/999999/", "duties/999999/", "templates/999999/",
    "outbox/00000000-0000-0000-0000-000000000000/", "law/no.such.rule/", "products/nothing/",
    "accounts/999999/statement/", "agencies/999999/", "bank/?sort=nothing", "people/?sort=nothing",
    "tonight/?as_of=2001-01-01", "tonight/?as_of=x", "duties/?sort=nothing",
    "law/?on=x", "calculators/?calculator=fee&amount=x", "products/paylater/?go=1&due_day=99",
)  # fmt: skip


@pytest.mark.parametrize("address", ADDRESSES)
def test_no_page_of_nothing_speaks_english_to_a_chinese_reader(sign_in, address):
    someone()
    answer = sign_in("supervisor").get(f"/{address}", headers={"accept-language": "zh-hans"})
    assert answer.status_code < 500, answer.status_code
    text = re.sub(r"<(script|style|code|kbd)\b.*?</\1>|<[^>]+>", " ", answer.content.decode())
    assert not ENGLISH.search(text), ENGLISH.search(text)
    assert CHINESE.search(text)


@pytest.mark.parametrize(
    ("changed", "says"),
    [
        ({"body": "{creditor} {debt_secret}"}, "正文用了没有的占位符 {debt_secret}"),
        ({"body": "请还款"}, "正文没有写明谁在写信，要用 {creditor}"),
        ({"channel": "voice"}, "请选一种语言和一个书面渠道"),
        ({"name": "nothing"}, "没有这条消息"),
        ({"name": "locate", "body": "{creditor} {name} {phone} {due}"}, "{due} 会说出债务"),
        ({"name": "locate", "body": "{creditor} {name}"}, "没有写明怎样联系我们"),
    ],
)
def test_what_is_wrong_with_a_template_is_said_in_chinese_with_its_words(sign_in, changed, says):
    given = {"name": "first_reminder", "language": "zh-Hans", "channel": "sms", "note": ""}
    page = sign_in("supervisor").post("/templates/new/", given | {"body": "x"} | changed)
    assert page.status_code == 422
    text = page.content.decode()
    assert says in text
    around = re.sub(r"<[^>]+>", " ", text[text.index(says) - 60 : text.index(says) + 80])
    assert not ENGLISH.search(around), around


def test_values_that_a_sentence_names_are_given_where_the_error_is_raised():
    """Each `why` with values is raised with those names somewhere in the house."""
    files = Path(forbear.__path__[0]).rglob("*.py")
    source = "\n".join(each.read_text() for each in files if each.stem != "refusals")
    for code, sentence in refusals.SAYS.items():
        for name in PLACES.findall(sentence):
            assert re.search(rf"\b{name}=", source), (code, name)
