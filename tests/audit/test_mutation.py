"""Take each rule away from the gate in turn: what then goes through, the audit names by that rule.

The gate runs in a process of its own, on packs without the rule; where somebody must speak of
the topic, on packs in which the rule stands and forbids nothing. The contact is really made, a
message really leaves. The audit reads with the packs as they are.
"""

from __future__ import annotations

import os
from collections import defaultdict
from dataclasses import dataclass

import pytest
from tests.audit.mutants import Mutants
from tests.audit.scenes import SCENES, Scene
from tests.conftest import a_fresh_database
from tests.peers import Gateway
from tests.people import DAY

from forbear.actions.audit import access_audit
from forbear.actions.contact import may_contact
from forbear.actions.reader import machine
from forbear.contact.acts import SILENT, TOPICS
from forbear.law.kinds import NOT_ASKED
from forbear.law.packs import Effect
from forbear.store.packs import fetch_law

AUDITOR = machine("auditor")
pytestmark = [pytest.mark.slow, pytest.mark.xdist_group("mutation")]  # one set of scenes


@dataclass(frozen=True)
class Seen:
    """What became of one scene."""

    with_law: set[str]  # what the gate says with every rule in place
    without_file: set[str]  # and where nobody says anything in the rules' place
    mutant: dict[str, object]  # what the gate did without them
    audit: set[str]  # what the audit says of that


@pytest.fixture(scope="module")
def seen(template_database, django_db_blocker, tmp_path_factory) -> dict[str, Seen]:
    folder = tmp_path_factory.mktemp("mutants")
    gateway = Gateway()
    with a_fresh_database(template_database, django_db_blocker) as url:
        acts = {scene.rule: scene.make() for scene in SCENES}
        with_law = {
            rule: set(may_contact(AUDITOR, **act.asked()).blocked_by) for rule, act in acts.items()
        }
        mutants = Mutants(
            folder,
            {
                "FORBEAR_DATABASE_URL": url,
                "FORBEAR_HOME": os.environ["FORBEAR_HOME"],
                "FORBEAR_SMS_CONFIG": str(gateway.config(folder)),
            },
        )
        absent, done = {}, {}
        for scene in SCENES:
            what = {"act": acts[scene.rule], "without": scene.rules}
            absent[scene.rule] = done[scene.rule] = mutants.act(**what, gone=True)
            if done[scene.rule].get("blocked_by"):
                done[scene.rule] = mutants.act(**what, gone=False)
        mutants.stop()
        gateway.stop()
        named = defaultdict(set)
        for each in access_audit(AUDITOR).breaches:
            named[each.contact].add(each.rule)
    return {
        rule: Seen(
            with_law=with_law[rule],
            without_file=set(absent[rule].get("blocked_by", [str(absent[rule])])),
            mutant=done[rule],
            audit=named[done[rule].get("contact")],
        )
        for rule in acts
    }


@pytest.mark.parametrize("scene", SCENES, ids=lambda scene: scene.rule)
def test_what_went_past_a_missing_rule_is_named_by_it(scene: Scene, seen):
    what = seen[scene.rule]
    assert what.with_law == scene.rules, "the person is not as the scene says"
    assert what.mutant.get("blocked_by") == [], what.mutant
    assert what.mutant["state"] in ("done", "sent")
    assert what.audit == scene.rules
    # A rule that is not there at all is no permission: the gate says what nobody speaks of.
    topics = {v.topic for v in fetch_law().versions if v.rule in scene.rules} & set(TOPICS)
    assert what.without_file <= {SILENT + topic for topic in topics}


def test_every_rule_in_force_that_forbids_a_contact_has_its_scene():
    forbidding = {
        v.rule
        for v in fetch_law().versions
        if v.effect is Effect.forbids and v.kind not in NOT_ASKED and v.holds_on(DAY)
    }
    assert {scene.rule for scene in SCENES} == forbidding
