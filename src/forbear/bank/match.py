"""Which line of a bank file settles what is known: columns in, one answer a line. Pure.

Money is given to somebody by itself only where two things agree: a reference and an amount, or a
reference and its own check digits. Whatever is less goes to suspense, with the account it is
probably for where there is exactly one.
"""

from __future__ import annotations

import polars as pl

from forbear.bank.state import BankRule, BankState

LINES = {  # what is asked about
    "line": pl.Int64(),
    "amount_minor": pl.Int64(),
    "currency": pl.String(),
    "party": pl.String(),  # the blind index of the counterparty's account, "" where unknown
    "words": pl.List(pl.String()),  # references in its text
    "checked": pl.List(pl.String()),  # those whose check digits are right
}
TOLD = {  # payments that were told before, by stage
    "payment_ref": pl.String(),
    "stage": pl.String(),
    "amount_minor": pl.Int64(),
    "currency": pl.String(),
    "account": pl.Int64(),
    "confirmed": pl.Boolean(),  # by another line already
}
NAMED = {  # accounts by a word that names them or their person
    "word": pl.String(),
    "of": pl.String(),  # account or person
    "account": pl.Int64(),
    "currency": pl.String(),
    "due_minor": pl.Int64(),
}
PAYERS = {"party": pl.String(), "account": pl.Int64()}  # who paid for which account before
RETURNS = {"line": pl.Int64(), "party": pl.String(), "amount_minor": pl.Int64()}  # on their way
ANSWER = {
    "line": pl.Int64(),
    "state": pl.String(),
    "rule": pl.String(),
    "account": pl.Int64(),  # whose it is, or probably is; null where nobody knows
    "payment_ref": pl.String(),  # what it confirms, "" nothing
}
R, S = BankRule, BankState
ORDER = (  # the surest first; the first that holds of a line counts
    (R.payment_ref, S.matched),
    (R.paid_back, S.matched),
    (R.twice, S.suspense),
    (R.amount_differs, S.suspense),
    (R.check_digits, S.booked),
    (R.account_due, S.booked),
    (R.person_due, S.booked),
    (R.not_due, S.suspense),
    (R.known_payer, S.suspense),
)
RANK = {rule: rank for rank, (rule, _) in enumerate(ORDER)}
STATE = dict(ORDER)
CANDIDATE = {"line": pl.Int64(), "rank": pl.Int64(), "account": pl.Int64(), "ref": pl.String()}


def match(
    lines: pl.DataFrame,
    *,
    told: pl.DataFrame,
    named: pl.DataFrame,
    payers: pl.DataFrame,
    returns: pl.DataFrame,
) -> pl.DataFrame:
    """Return where each line belongs, and by which rule.

    Shape:  lines (n,) LINES in the order in which they count; result (n,) ANSWER, same order.
    Unit:   minor units; a line is matched or booked whole or not at all.
    Errors: none; what nobody can tell is in suspense, with the reason.
    Source: house convention.
    """
    came = lines.filter(pl.col("amount_minor") > 0)
    words = came.explode("words").drop_nulls("words").rename({"words": "word"})
    found = [
        pl.DataFrame(schema=CANDIDATE),
        _told(lines, told),
        _paid_back(lines, returns),
        *_named(came, words, named),
        _of(came.join(payers, on="party").filter(pl.col("party") != ""), R.known_payer),
    ]
    return _answers(lines, pl.concat(found), words, named)


def _of(rows: pl.DataFrame, rule: BankRule, ref: pl.Expr | None = None) -> pl.DataFrame:
    """Return rows as candidates of a rule."""
    chosen = rows.select(
        "line",
        rank=pl.lit(RANK[rule], pl.Int64),
        account=pl.col("account").cast(pl.Int64),
        ref=pl.lit("") if ref is None else ref,
    )
    return chosen.cast(CANDIDATE).unique(maintain_order=True)  # type: ignore[arg-type]


def _told(lines: pl.DataFrame, told: pl.DataFrame) -> pl.DataFrame:
    """Return what lines say of payments that were told before; one line confirms one of them."""
    stage = (
        pl.when(pl.col("amount_minor") > 0).then(pl.lit("settled")).otherwise(pl.lit("reversed"))
    )
    asked = lines.with_columns(stage=stage).explode("words").drop_nulls("words")
    keys = {"words": "payment_ref", "stage": "stage", "currency": "currency"}
    both = asked.join(told, left_on=list(keys), right_on=list(keys.values()), suffix="_told")
    both = both.rename({"words": "payment_ref"})
    exact = pl.col("amount_minor").abs() == pl.col("amount_minor_told")
    first = pl.col("line") == pl.col("line").first().over("payment_ref", "stage")
    hits = both.filter(exact).with_columns(free=~pl.col("confirmed") & first)
    settled = pl.col("stage") == "settled"
    ref = pl.when(settled).then("payment_ref").otherwise(pl.format("{}:reversed", "payment_ref"))
    return pl.concat(
        [
            _of(hits.filter("free"), R.payment_ref, ref),
            _of(hits.filter(~pl.col("free")), R.twice),
            _of(both.filter(~exact), R.amount_differs),
        ]
    )


def _paid_back(lines: pl.DataFrame, returns: pl.DataFrame) -> pl.DataFrame:
    """Return which line that went out is the way back of which that came in, one for one."""
    went = lines.filter((pl.col("amount_minor") < 0) & (pl.col("party") != ""))
    nth = pl.col("line").cum_count().over("party", "amount_minor")
    went = went.with_columns(amount_minor=-pl.col("amount_minor")).with_columns(nth=nth)
    back = returns.with_columns(nth=nth).rename({"line": "came"})
    both = went.join(back, on=["party", "amount_minor", "nth"])
    none = both.with_columns(account=pl.lit(None, pl.Int64))
    return _of(none, R.paid_back, pl.format("return:{}", "came"))


def _named(came: pl.DataFrame, words: pl.DataFrame, named: pl.DataFrame) -> list[pl.DataFrame]:
    """Return the accounts that lines name, by how sure that is."""
    own = named.filter(pl.col("of") == "account")
    checked = came.explode("checked").drop_nulls("checked").rename({"checked": "word"})
    sure = checked.join(own, on=["word", "currency"])
    direct = words.join(own, on=["word", "currency"])
    theirs = words.join(named.filter(pl.col("of") == "person"), on=["word", "currency"])
    theirs = theirs.join(direct, on="line", how="anti")  # an account is surer than its person
    exact = (pl.col("amount_minor") == pl.col("due_minor")) & (pl.col("due_minor") > 0)
    return [
        _of(sure, R.check_digits),
        _of(direct.filter(exact), R.account_due),
        _of(theirs.filter(exact), R.person_due),
        _of(direct.filter(~exact), R.not_due),
        _of(theirs.filter(~exact), R.not_due),
    ]


def _answers(
    lines: pl.DataFrame, found: pl.DataFrame, words: pl.DataFrame, named: pl.DataFrame
) -> pl.DataFrame:
    """Return the surest answer of each line; more than one of the same rank is none."""
    best = found.filter(pl.col("rank") == pl.col("rank").min().over("line"))
    per = best.group_by("line").agg(
        rank=pl.col("rank").first(),
        account=pl.col("account").first(),
        ref=pl.col("ref").first(),
        many=pl.struct("account", "ref").n_unique() > 1,
    )
    directly = words.join(named.filter(pl.col("of") == "account"), on=["word", "currency"])
    torn = directly.group_by("line").agg(torn=pl.col("account").n_unique() > 1)
    all_of = lines.select("line", "amount_minor").join(per, on="line", how="left")
    all_of = all_of.join(torn, on="line", how="left").sort("line", maintain_order=True)
    all_of = lines.select("line").join(all_of, on="line", how="left")  # in the order given
    by_name = pl.col("rank").is_between(RANK[R.check_digits], RANK[R.not_due])
    unsure = (pl.col("many") | (pl.col("torn") & by_name)).fill_null(False)
    nothing = (
        pl.when(pl.col("amount_minor") < 0)
        .then(pl.lit(R.outgoing.value))
        .otherwise(pl.lit(R.unknown.value))
    )
    named_rule = pl.col("rank").replace_strict(
        {rank: rule.value for rule, rank in RANK.items()}, return_dtype=pl.String, default=None
    )
    rule = pl.when(unsure).then(pl.lit(R.ambiguous.value)).otherwise(named_rule.fill_null(nothing))
    answers = all_of.with_columns(
        rule=rule, account=pl.when(~unsure).then("account"), ref=pl.col("ref").fill_null("")
    )
    return _once(answers)


def _once(answers: pl.DataFrame) -> pl.DataFrame:
    """Return answers in which one line alone settles what is due of an account."""
    due = pl.col("rule").is_in([R.account_due.value, R.person_due.value])
    again = due & (pl.col("line").cum_count().over("account", due.alias("due")) > 1)
    rule = pl.when(again).then(pl.lit(R.twice.value)).otherwise("rule")
    matched = pl.col("state") == S.matched.value
    states = {rule.value: STATE.get(rule, S.suspense).value for rule in R}
    return (
        answers.with_columns(rule=rule)
        .with_columns(state=pl.col("rule").replace_strict(states, return_dtype=pl.String))
        .with_columns(payment_ref=pl.when(matched).then("ref").otherwise(pl.lit("")))
        .select(*ANSWER)
        .cast(ANSWER)  # type: ignore[arg-type]
    )
