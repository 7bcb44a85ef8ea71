"""A receipt: true as it was given out, and false with any byte of it changed."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from forbear.evidence.checkpoint import (
    WITNESS,
    Fork,
    breaks,
    checkpoint,
    cosigned,
    issued,
    parse_checkpoint,
)
from forbear.evidence.entry import BadEntry, canonical, entry_text, parse_entry, written
from forbear.evidence.keyring import (
    Announcement,
    BadAnnouncement,
    Why,
    announced,
    keyring,
    trusted_keys,
)
from forbear.evidence.note import (
    BadKey,
    BadNote,
    key_of,
    parse_key,
    parse_note,
    signed,
    signers,
)
from forbear.evidence.proof import consistency_ranges, inclusion_ranges, path
from forbear.evidence.receipt import Proven, render_receipt, verified
from forbear.evidence.tree import grown, leaf_hash, linked, naive_root

AT = datetime(2026, 11, 22, 1, tzinfo=UTC)
ORIGIN = "forbear/0123456789abcdef"
SECRET = {name: bytes([n]) * 32 for n, name in enumerate(("log", "witness", "new", "other"), 1)}
LOG, NEW = key_of(SECRET["log"], ORIGIN), key_of(SECRET["new"], ORIGIN)
SEEN = key_of(SECRET["witness"], ORIGIN + WITNESS)


def entries(n, word=""):
    return [
        entry_text(
            kind="decision",
            subject=f"contact:{k}{word}",
            body={"allowed": True, "说": "中文"},
            at=AT,
            salt=bytes([k % 256]) * 16,
        )
        for k in range(n)
    ]


def nodes_of(texts):
    leaves = [leaf_hash(text.encode()) for text in texts]
    return {
        (level, first + k): each
        for level, first, fresh in grown(0, {}, leaves)
        for k, each in enumerate(fresh)
    }


def said_of(texts, *, at=AT, previous=""):
    leaves = [leaf_hash(text.encode()) for text in texts]
    chain = bytes(32)
    for leaf in leaves:
        chain = linked(chain, leaf)
    return checkpoint(
        origin=ORIGIN,
        size=len(texts),
        root=naive_root(leaves),
        chain=chain,
        at=at,
        previous=previous,
    )


def witnessed(texts, *, last="", log="log", witness="witness", at=AT, previous="", name=WITNESS):
    note = issued(said_of(texts, at=at, previous=previous), name=ORIGIN, secret=SECRET[log])
    before = parse_checkpoint(last).size if last else 0
    proof = []
    if before <= len(texts):
        proof = path(consistency_ranges(before, len(texts)), nodes_of(texts))
    return cosigned(
        note,
        log_keys=[LOG, NEW],
        last=last,
        proof=proof,
        name=ORIGIN + name,
        secret=SECRET[witness],
    )


def first(name, secret):
    said = Announcement(before=None, now=key_of(SECRET[secret], name), why=Why.first)
    return announced(said, [(name, SECRET[secret])])


KEYS = [first(ORIGIN, "log"), first(ORIGIN + WITNESS, "witness")]
ROTATED = announced(
    Announcement(before=LOG, now=NEW, why=Why.rotated),
    [(ORIGIN, SECRET["new"]), (ORIGIN, SECRET["log"])],
)
LOST = announced(
    Announcement(before=LOG, now=NEW, why=Why.lost),
    [(ORIGIN, SECRET["new"]), (ORIGIN + WITNESS, SECRET["witness"])],
)


def a_receipt(texts, *positions, note="", keys=KEYS):
    found = nodes_of(texts)
    return render_receipt(
        [
            Proven(
                entry=texts[p],
                position=p,
                proof=tuple(path(inclusion_ranges(p, len(texts)), found)),
            )
            for p in positions
        ],
        checkpoint=note or witnessed(texts),
        keys=keys,
    )


TEXTS = entries(13)
RECEIPT = a_receipt(TEXTS, 4, 11)
ROTATED_RECEIPT = a_receipt(TEXTS, 4, note=witnessed(TEXTS, log="new"), keys=[*KEYS, ROTATED])


def test_a_receipt_as_it_was_given_out_is_true():
    verdict = verified(RECEIPT)
    assert (verdict.true, verdict.positions, verdict.trusted) == (True, (4, 11), False)
    assert verdict.entries[0].subject == "contact:4"
    assert verdict.signed_by == (LOG, SEEN)


@pytest.mark.parametrize("receipt", [RECEIPT, ROTATED_RECEIPT], ids=["plain", "rotated"])
def test_no_single_byte_can_be_another(receipt):
    assert verified(receipt).true
    for place in range(len(receipt)):
        for bit in (1 << place % 8, 0x20):
            changed = bytearray(receipt)
            changed[place] ^= bit
            verdict = verified(bytes(changed))
            assert not verdict.true, (place, bit, receipt[place - 9 : place + 9])
            assert verdict.why


def test_a_receipt_cut_off_anywhere_is_not_true():
    for end in range(len(RECEIPT)):
        verdict = verified(RECEIPT[:end])
        assert (verdict.true, verdict.entries) == (False, ()), end
        assert "\n" not in verdict.why


@settings(max_examples=300)
@given(place=st.integers(0, len(RECEIPT) - 1), value=st.integers(0, 255), how=st.integers(0, 2))
def test_no_byte_can_be_changed_put_in_or_taken_out(place, value, how):
    changed = (
        RECEIPT[:place]
        + (b"" if how == 2 else bytes([value]))
        + RECEIPT[place + (0 if how == 1 else 1) :]
    )
    assert verified(changed).true == (changed == RECEIPT)


@given(junk=st.binary(max_size=200))
def test_junk_is_never_true_and_never_an_exception(junk):
    assert not verified(junk).true


def test_somebody_elses_keys_do_not_make_it_true():
    other = key_of(SECRET["other"], ORIGIN)
    assert "not signed by the key you trust" in verified(RECEIPT, [other]).why
    assert verified(RECEIPT, [LOG]).true
    assert verified(RECEIPT, [LOG, SEEN]).trusted


def test_a_forger_with_keys_of_their_own_is_seen_by_whoever_knows_the_keys():
    forged = a_receipt(
        TEXTS,
        3,
        note=witnessed(TEXTS, log="new", witness="other"),
        keys=[first(ORIGIN, "new"), first(ORIGIN + WITNESS, "other")],
    )
    assert verified(forged).true  # by the keys that it brings: the words beside it say so
    assert not verified(forged, [LOG]).true
    assert not verified(forged, [SEEN]).true


def test_without_the_witness_it_is_not_true():
    note = issued(said_of(TEXTS), name=ORIGIN, secret=SECRET["log"])
    assert "both the log and its witness" in verified(a_receipt(TEXTS, 1, note=note)).why


def test_whoever_trusts_the_old_key_trusts_the_one_that_it_introduced():
    assert verified(ROTATED_RECEIPT, [LOG]).true
    assert verified(ROTATED_RECEIPT, [NEW, SEEN]).true
    lost = a_receipt(TEXTS, 4, note=witnessed(TEXTS, log="new"), keys=[*KEYS, LOST])
    assert verified(lost, [SEEN]).true
    assert not verified(lost, [LOG]).true  # a lost key introduces nobody


def test_a_key_that_nobody_introduced_is_refused():
    alone = announced(Announcement(before=LOG, now=NEW, why=Why.rotated), [(ORIGIN, SECRET["new"])])
    with pytest.raises(BadAnnouncement, match="not signed by a key that may do so"):
        keyring([*KEYS, alone])
    with pytest.raises(BadAnnouncement, match="for the first time twice"):
        keyring([*KEYS, first(ORIGIN, "new")])
    unsigned = announced(
        Announcement(before=LOG, now=NEW, why=Why.rotated), [(ORIGIN, SECRET["log"])]
    )
    with pytest.raises(BadAnnouncement, match="did not sign for itself"):
        keyring([*KEYS, unsigned])
    assert trusted_keys([*KEYS, ROTATED], [LOG]) == [LOG, NEW]


def test_the_witness_signs_what_goes_on_and_nothing_else():
    six, thirteen = witnessed(TEXTS[:6]), witnessed(TEXTS)
    assert signers(witnessed(TEXTS, last=six), [LOG, SEEN]) == [LOG, SEEN]
    assert signers(witnessed(TEXTS, last=thirteen), [LOG, SEEN]) == [LOG, SEEN]
    with pytest.raises(Fork, match="13 entries"):
        witnessed(TEXTS[:6], last=thirteen)
    with pytest.raises(Fork, match="does not begin with the 6"):
        witnessed([*entries(1, "forged"), *TEXTS[1:]], last=six)
    with pytest.raises(Fork, match="does not begin with the 13"):
        witnessed([*TEXTS[:12], *entries(1, "forged")], last=thirteen)


def test_of_two_witnesses_the_one_that_was_shown_the_truth_sees_the_fork():
    truth, fork = witnessed(TEXTS[:6]), [*TEXTS[:5], *entries(8, "forged")]
    misled = witnessed(fork[:6], witness="other", name="/witness2")
    assert witnessed(fork, last=misled, witness="other", name="/witness2")
    with pytest.raises(Fork):
        witnessed(fork, last=truth)
    both = witnessed(TEXTS)
    second = cosigned(
        both,
        log_keys=[LOG, SEEN],
        last="",
        proof=[],
        name=f"{ORIGIN}/witness2",
        secret=SECRET["other"],
    )
    assert len(signers(second, [LOG, SEEN, key_of(SECRET["other"], f"{ORIGIN}/witness2")])) == 3


def test_the_witness_signs_nothing_that_the_log_did_not():
    note = issued(said_of(TEXTS), name=ORIGIN, secret=SECRET["other"])
    with pytest.raises(BadNote, match="by none of the known keys"):
        cosigned(note, log_keys=[LOG], last="", proof=[], name="w", secret=SECRET["witness"])


def a_run(n):
    notes = []
    for k in range(1, n + 1):
        last = notes[-1] if notes else ""
        notes.append(witnessed(TEXTS[:k], last=last, previous=last, at=AT + timedelta(hours=k)))
    return notes


def test_a_run_of_checkpoints_holds_together_and_no_other_does():
    notes, keys = a_run(6), [LOG, SEEN]
    assert breaks(notes, keys, every=True) == []
    assert "checkpoint 3" in breaks([*notes[:2], *notes[3:]], keys)[0]
    assert "checkpoint 2" in breaks([notes[0], notes[2], notes[1], *notes[3:]], keys)[0]
    changed = [*notes[:2], notes[2].replace("at 2026", "at 2025"), *notes[3:]]
    assert "checkpoint 4" in breaks(changed, keys)[0]  # vouched for by the newest
    assert "checkpoint 3" in breaks(changed, keys, every=True)[0]
    assert breaks([*notes[:-1], notes[-1].replace("at 2026", "at 2025")], keys)


@pytest.mark.parametrize("damaged", ["", "x+y+z", str(LOG)[:-4], str(LOG).replace("forbear", "x")])
def test_a_damaged_key_is_refused_by_name(damaged):
    with pytest.raises(BadKey, match="no public key"):
        parse_key(damaged)


def test_a_key_reads_back_as_it_is_published():
    assert parse_key(f"{LOG}\n") == LOG


def test_a_note_without_signatures_is_none():
    with pytest.raises(BadNote):
        parse_note("a text\n")


def test_an_entry_reads_back_and_has_one_form():
    assert parse_entry(TEXTS[0]).body == {"allowed": True, "说": "中文"}
    for other in (TEXTS[0].replace(",", ", "), TEXTS[0].replace('"v":1', '"v":2'), "[]", "{"):
        with pytest.raises(BadEntry):
            parse_entry(other)


def test_what_has_no_one_form_cannot_be_an_entry():
    with pytest.raises(TypeError, match="float"):
        entry_text(kind="x", subject="x", body={"share": 0.1}, at=AT, salt=b"")


PLAIN = st.none() | st.booleans() | st.integers() | st.text()


@given(value=st.recursive(PLAIN, lambda one: st.lists(one) | st.dictionaries(st.text(), one)))
def test_the_fast_way_of_writing_writes_what_the_plain_way_writes(value):
    try:
        canonical(value).encode()
    except UnicodeEncodeError:  # half of a character: no entry can hold it either way
        return
    assert written(value) == canonical(value)


def test_a_year_is_read_by_its_last_notes_and_by_every_note():
    notes = a_run(4)
    unsigned = notes[1].rpartition("— ")[0] + notes[2].splitlines(keepends=True)[-1]
    forged, last = [notes[0], unsigned], unsigned
    for k in (3, 4):  # the rest made to follow it, as whoever has the keys now could
        forged.append(witnessed(TEXTS[:k], previous=last, at=AT + timedelta(hours=k)))
        last = forged[-1]
    assert breaks(forged, [LOG, SEEN]) == []
    assert "checkpoint 2: the signature of" in breaks(forged, [LOG, SEEN], every=True)[0]


def test_a_key_that_was_changed_vouches_for_its_own_last_note():
    notes = a_run(3)
    stolen = issued(
        said_of(TEXTS[:2], at=AT, previous=notes[0]), name=ORIGIN, secret=SECRET["other"]
    )
    line = signed("x", ORIGIN, SECRET["log"]).removeprefix(f"— {ORIGIN} ")
    faked = stolen.rpartition("\n— ")[0] + f"\n— {ORIGIN} {line}"  # says the old key, is not by it
    now = witnessed(TEXTS[:3], log="new", previous=faked, at=AT + timedelta(hours=3))
    assert any("checkpoint 2" in said for said in breaks([notes[0], faked, now], [LOG, NEW, SEEN]))
