"""A pack is read strictly: what is not known is refused by file and key, never skipped."""

from __future__ import annotations

import pickle
from datetime import date

import pytest

from forbear.kernel.errors import ForbearError
from forbear.law.packs import (
    DutyMeetsBan,
    LawSilent,
    UnknownException,
    VersionsOverlap,
    in_force,
    jurisdictions,
    parse_law,
    policy,
)
from forbear.law.reading import PackInvalid, strict_yaml

PATH = "cn/test_2026/hours.yaml"
RULE = """\
rule: cn.test_2026.hours
topic: contact_hours
kind: hours_window
effect: forbids
force: guideline
applies: {channel: [voice], clock: debtor_local}
says: Not at night.
says_zh: 夜间不得联系。
versions:
  - in_force: {from: 2026-01-01, to: null}
    known_on: 2026-11-21
    value: {opens: "08:00", closes: "22:00"}
    source:
      instrument: 试行指引
      article: 第一条
      published: 2026-01-01
      quote: 夜间不得联系。
      seen_at: https://example.org/text
    review: {status: secondary_source, reviewer: null, still_valid_on: 2026-11-21}
"""
SECOND = RULE[RULE.index("  - in_force") :]
HOUSE = (
    RULE.replace("cn.test_2026.hours", "house.hours")
    .replace("force: guideline", "force: house")
    .replace("status: secondary_source", "status: house_policy")
    .replace("      seen_at: https://example.org/text\n", "")
)


def named(name: str, text: str = RULE) -> dict[str, str]:
    return {f"cn/test_2026/{name}.yaml": text.replace("test_2026.hours", f"test_2026.{name}")}


def test_a_rule_file_becomes_a_version():
    (version,) = parse_law({PATH: RULE}).versions
    assert version.rule == "cn.test_2026.hours"
    assert version.jurisdiction == "CN"
    assert version.applies.jurisdiction == ("CN",)
    assert version.value == {"opens": "08:00", "closes": "22:00"}
    assert version.source.quoted
    assert version.holds_on(date(2026, 1, 1))
    assert version.holds_on(date.max)
    assert not version.holds_on(date(2025, 12, 31))


REFUSED = {
    "an unknown key": (("topic:", "subject: x\ntopic:"), "subject: is not a known key"),
    "a missing key": (("says_zh: 夜间不得联系。\n", ""), "says_zh: is missing"),
    "a key that stands twice": (("topic:", "topic: a\ntopic:"), "line 3: 'topic' stands twice"),
    "a rule whose path is another": (("2026.hours", "2026.hour"), "must be cn.test_2026.hours"),
    "a kind that nobody evaluates": (("hours_window", "night_rule"), "kind: 'night_rule'"),
    "an effect that does not exist": (("forbids", "frowns_on"), "effect: 'frowns_on'"),
    "law that calls itself house policy": (("force: guideline", "force: house"), "force:"),
    "a channel that does not exist": (("[voice]", "[telex]"), "applies.channel: 'telex'"),
    "an empty list that would mean all": (("[voice]", "[]"), "applies.channel: must be a list"),
    "a filter that the gate cannot ask": (("channel: [voice]", "product: [x]"), "product: is not"),
    "a clock of the collector": (("debtor_local", "office"), "applies.clock: 'office'"),
    "a value with an unknown key": (("closes:", "shuts:"), "shuts is no key of kind"),
    "a value that lacks a key": ((', closes: "22:00"', ""), "closes is missing"),
    "a value that is no clock time": (('"22:00"', '"25:00"'), "closes: '25:00'"),
    "hours written the wrong way around": (('"08:00"', '"23:00"'), "opens must be before closes"),
    "a day that is none": (
        ("from: 2026-01-01", "from: soon"),
        "in_force.from: 'soon' is not a day",
    ),
    "a period that ends before it starts": (("to: null", "to: 2026-01-01"), "is not after"),
    "words that are both quoted and not": (
        ("      quote:", "      paraphrase: 大意。\n      quote:"),
        "not both",
    ),
    "words without a place they were read": (
        ("      seen_at: https://example.org/text\n", ""),
        "seen_at: law says where it was read",
    ),
    "a review that is missing": (
        (
            "    review: {status: secondary_source, reviewer: null, still_valid_on: 2026-11-21}\n",
            "",
        ),
        "versions[0].review: is missing",
    ),
    "a review status that does not exist": (("secondary_source", "fine"), "status: 'fine'"),
    "law reviewed as house policy": (("secondary_source", "house_policy"), "house_policy"),
    "an exception of a kind that is no fact": (("forbids", "permits"), "must be of kind flag"),
    "a ban that only sets a number": (
        ("forbids", "sets"),
        "sets does not go with kind hours_window",
    ),
    "a file that is no mapping": ((RULE, "- a\n"), "must hold keys"),
    "a file that is no YAML": ((RULE, "rule: [\n"), "line"),
    "a tag that would run code": ((RULE, "rule: !!python/object:os.system x\n"), "line 1"),
    "no version at all": ((SECOND, ""), "must be a list of at least one version"),
}


@pytest.mark.parametrize("why", REFUSED)
def test_a_pack_is_refused_for(why):
    (old, new), says = REFUSED[why]
    assert old in RULE, "this test no longer changes anything"
    with pytest.raises(PackInvalid) as refusal:
        parse_law({PATH: RULE.replace(old, new)})
    assert PATH in str(refusal.value)
    assert says in str(refusal.value)


def test_a_folder_that_is_no_jurisdiction_is_refused():
    with pytest.raises(PackInvalid, match="folder"):
        parse_law({"china/hours.yaml": RULE.replace("cn.test_2026.hours", "china.hours")})


def test_house_policy_may_name_its_jurisdictions_and_law_may_not():
    text = HOUSE.replace("{channel", "{jurisdiction: [CN], channel")
    (version,) = parse_law({"house/hours.yaml": text}).versions
    assert version.jurisdiction == ""
    assert version.applies.jurisdiction == ("CN",)
    with pytest.raises(PackInvalid, match="follows from the folder"):
        parse_law({PATH: RULE.replace("{channel", "{jurisdiction: [US], channel")})


def test_the_letters_of_norway_are_not_a_truth_value():
    text = HOUSE.replace("{channel", "{jurisdiction: [NO], channel")
    (version,) = parse_law({"house/hours.yaml": text}).versions
    assert version.applies.jurisdiction == ("NO",)


def test_house_policy_alone_is_no_pack():
    assert jurisdictions(parse_law({"house/hours.yaml": HOUSE})) == ()


def test_a_version_may_change_whom_the_rule_is_about():
    ended = RULE.replace("to: null", "to: 2026-06-01")
    later = SECOND.replace("from: 2026-01-01", "from: 2026-06-01").replace(
        "    known_on", "    applies: {creditor_type: [bank]}\n    known_on"
    )
    first, second = parse_law({PATH: ended + later}).versions
    assert [c.value for c in first.applies.channel] == ["voice"]
    assert second.applies.channel == ()
    assert second.applies.creditor_type == ("bank",)


def test_two_versions_in_force_on_one_day_are_refused():
    ended = RULE.replace("to: null", "to: 2026-06-02")
    with pytest.raises(VersionsOverlap, match="2026-06-01"):
        parse_law({PATH: ended + SECOND.replace("from: 2026-01-01", "from: 2026-06-01")})


def test_a_period_ends_on_the_day_before_its_end():
    text = RULE.replace("to: null", "to: 2026-06-01")
    law = parse_law({PATH: text + SECOND.replace("from: 2026-01-01", "from: 2026-06-01")})
    for day in (date(2026, 5, 31), date(2026, 6, 1)):
        assert len(in_force(law, topic="contact_hours", on=day)) == 1


def test_an_exception_that_does_not_exist_is_refused():
    with pytest.raises(UnknownException, match="does not exist"):
        parse_law({PATH: RULE.replace("says:", "yields_to: [cn.test_2026.consent]\nsays:")})


def test_a_rule_does_not_yield_to_another_ban():
    text = RULE.replace("says:", "yields_to: [cn.test_2026.other]\nsays:")
    with pytest.raises(UnknownException, match="permits and requires nothing"):
        parse_law({PATH: text} | named("other"))


DUTY = RULE.replace("forbids", "requires")


def test_a_duty_that_meets_a_ban_is_refused_until_one_yields():
    with pytest.raises(DutyMeetsBan, match="requires what"):
        parse_law({PATH: RULE} | named("duty", DUTY))
    parse_law(
        {PATH: RULE.replace("says:", "yields_to: [cn.test_2026.duty]\nsays:")} | named("duty", DUTY)
    )


@pytest.mark.parametrize(
    "apart",
    [
        ("[voice]", "[letter]"),
        ("from: 2026-01-01, to: null", "from: 2020-01-01, to: 2026-01-01"),
        ("topic: contact_hours", "topic: notices"),
    ],
)
def test_a_duty_that_never_meets_the_ban_is_no_conflict(apart):
    parse_law({PATH: RULE} | named("duty", DUTY.replace(*apart)))


def test_the_digest_is_of_every_file_those_that_hold_no_rule_included():
    base = {PATH: RULE, "house/strategy/a.yaml": "tree: 1", "house/message/b.yaml": "text: 1"}
    digest = parse_law(base).digest
    assert parse_law(dict(reversed(base.items()))).digest == digest
    for path in base:
        assert parse_law(base | {path: base[path] + "\n"}).digest != digest


def test_a_law_equals_a_law_with_the_same_digest_and_survives_a_pickle():
    law = parse_law({PATH: RULE})
    again = pickle.loads(pickle.dumps(law))
    assert again == law == parse_law({PATH: RULE})
    assert len({again, law}) == 1
    assert again.versions == law.versions
    assert law != parse_law({PATH: RULE + "\n"})


def test_policy_of_a_silent_day_says_what_to_do():
    law = parse_law({PATH: RULE})
    assert policy(law, "cn.test_2026.hours", on=date(2026, 1, 1)).start == date(2026, 1, 1)
    for rule, day in (("cn.test_2026.hours", date(2025, 12, 31)), ("house.bucket", date.max)):
        with pytest.raises(LawSilent, match="add a version"):
            policy(law, rule, on=day)


def test_every_refusal_has_a_code_and_none_is_a_server_error_without_one():
    for error in (PackInvalid, VersionsOverlap, UnknownException, DutyMeetsBan, LawSilent):
        assert issubclass(error, ForbearError)
        assert error.code.startswith("law.")


def test_a_day_that_no_calendar_has_is_named_with_its_file():
    with pytest.raises(PackInvalid, match=r"cn/x\.yaml.*month must be in 1\.\.12"):
        strict_yaml("cn/x.yaml", "from: 9999-99-99")
