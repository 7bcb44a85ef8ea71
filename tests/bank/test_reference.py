"""What in a remittance text can be a reference, and when its check digits are right."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from forbear.bank.reference import checked_references, creditor_reference, references

REF = st.text("0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ", min_size=1, max_size=21)


def test_the_examples_of_the_standard_check():
    assert checked_references("RF18 5390 0754 7034") == ["539007547034"]
    assert checked_references("还款 RF18539007547034。") == ["539007547034"]
    assert checked_references("RF19539007547034") == []


@given(REF)
def test_every_reference_that_is_made_is_read_back(ref):
    made = creditor_reference(ref)
    assert checked_references(f"还款{made}谢谢") == [ref]
    shown = " ".join(made[n : n + 4] for n in range(0, len(made), 4))
    assert checked_references(f"还款 {shown}，谢谢") == [ref]


@given(REF, st.data())
def test_one_sign_mistyped_never_checks(ref, data):
    made = creditor_reference(ref)
    at = data.draw(st.integers(2, len(made) - 1))
    signs = "0123456789" if made[at].isdigit() else "ABCDEFGHIJKLMNOPQRSTUVWXYZ"
    other = data.draw(st.sampled_from(signs.replace(made[at], "")))
    assert ref not in checked_references(made[:at] + other + made[at + 1 :])


def test_a_reference_of_other_signs_has_no_check_digits():
    assert creditor_reference("demo:000001:1") == ""
    assert creditor_reference("A" * 22) == ""


def test_references_are_found_whole_and_in_their_parts_however_they_are_typed():
    assert references("还款demo:000058:1谢谢")[0] == "demo:000058:1"
    assert "A123" in references("Ref:A123")
    assert references("ＰＡＹ－0001") == ["PAY-0001", "PAY", "0001"]
    assert references("还 款 12") == []
    assert len(references("x1y " * 5000 + " ".join(f"w{n:04d}" for n in range(500)))) <= 60
