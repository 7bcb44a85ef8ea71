"""Which tables have an entry for each row, what it holds, and which tables have none and why.

What could name anybody, or is somebody's words, is hidden: it stands in the entry as a digest.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from forbear.evidence.entry import Kind
from forbear.kernel.vocabulary import OutboxState

# Where a contact's way out ends: each such state has its entry, and the latest one stands.
OUTCOMES = frozenset(
    {
        OutboxState.sent,
        OutboxState.unknown,
        OutboxState.dead,
        OutboxState.cancelled,
        OutboxState.rehearsed,
        OutboxState.done,
    }
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Proven:
    """A table whose rows each have an entry."""

    table: str
    clear: tuple[str, ...]  # columns that stand in the entry as they are
    hidden: tuple[str, ...] = ()  # columns that stand in it as digests
    key: str = "id"  # the column that names a row
    contact: str = ""  # the column that names its contact
    once: bool = True  # one entry a row; else the latest one stands
    where: str = "true"  # rows that have an entry
    since: str = "recorded_at"  # the instant before which a row had none
    query: str = ""  # what is read in the table's place, where a row is made of several tables
    bare: tuple[str, ...] = ()  # columns that no entry holds; a test asks that none is forgotten

    @property
    def rows(self) -> str:
        """Return what the rows are read from."""
        return f"({self.query}) {self.table}" if self.query else self.table


FACT = ("source", "source_key")
OWN = "source !~ '^(import|demo):'"  # what files and demo books bring is sealed (store/seal.py)
ENDED = ", ".join(f"'{state.value}'" for state in sorted(OUTCOMES))

# What a night planned, as it was written; what became of it since stands in other entries. In
# blocks, because one text cannot hold all of it.
PLANNED = """
select encode(sha256(string_agg(block.digest, '' order by block.n)), 'hex') from (
    select p.id / 100000 as n, sha256(convert_to(string_agg(row(p.id, p.person_id, p.action,
        p.contact_point_id, p.purpose, p.planned_at at time zone 'UTC', p.segment, p.reasons,
        p.blocked_by, p.message, p.accounts, p.due_minor, p.currency, p.days_past_due, p.bucket,
        p.score)::text, '' order by p.id), 'UTF8')) as digest
    from plan p where p.night_id = n.id group by 1) block"""

# The lines that a bank file brought, each value in one written form.
LINES = """
select encode(sha256(string_agg(block.digest, '' order by block.n)), 'hex') from (
    select l.id / 100000 as n, sha256(convert_to(string_agg(row(l.id, l.source, l.source_key, l.row,
        l.bank_account, l.effective_on - date '1970-01-01', l.amount_minor, l.currency, l.bank_ref,
        l.content, encode(l.text_cipher, 'hex'), encode(l.party_name_cipher, 'hex'),
        encode(l.party_account_cipher, 'hex'), l.party)::text, '' order by l.id), 'UTF8')) as digest
    from bank_line l where l.file_id = f.id group by 1) block"""

PROVEN: Mapping[Kind, Proven] = {
    Kind.decision: Proven(
        table="contact",
        clear=tuple(
            "id person_id contact_point_id plan_id channel purpose at local_on allowed asked"
            " blocked_by pack_digest due_minor currency accounts".split()
        ),
        hidden=("facts", "acting"),
        contact="id",
    ),
    Kind.outcome: Proven(
        table="outbox",
        clear=("contact_id", "state"),
        hidden=("provider_ref",),
        key="contact_id",
        contact="contact_id",
        once=False,
        where=f"state in ({ENDED})",
        since="changed_at",
        bare=tuple(
            "person_id channel fictional tries lease error next_try_at handed_at changed_at".split()
        ),
    ),
    Kind.receipt: Proven(
        table="receipt",
        clear=("contact_id", "outcome", "effective_at"),
        hidden=("provider_ref", "detail", *FACT),
        contact="contact_id",
    ),
    Kind.resolution: Proven(
        table="resolution",
        clear=("contact_id", "resolved", "was"),
        hidden=("reason", "actor"),
        contact="contact_id",
    ),
    Kind.disposition: Proven(
        table="disposition",
        clear=("attempt_id", "code", "effective_at"),
        hidden=("note_cipher", "actor", *FACT),
        where=OWN,
    ),
    Kind.promise: Proven(
        table="promise",
        clear=("person_id", "amount_minor", "currency", "due_on", "effective_at"),
        hidden=("actor", *FACT),
        where=OWN,
    ),
    Kind.reveal: Proven(
        table="reveal",
        clear=("person_id", "contact_point_id", "field"),
        hidden=("reason", "actor"),
    ),
    Kind.consent: Proven(
        table="consent",
        clear=tuple("person_id kind state channel opens_minute closes_minute effective_at".split()),
        hidden=FACT,
        where=OWN,
    ),
    Kind.status: Proven(
        table="status",
        clear=("person_id", "account_id", "kind", "stage", "area", "effective_at"),
        hidden=FACT,
        where=OWN,
    ),
    Kind.dispute: Proven(
        table="dispute",
        clear=("person_id", "account_id", "stage", "effective_at"),
        hidden=("dispute_ref", *FACT),
        where=OWN,
    ),
    Kind.moratorium: Proven(
        table="moratorium",
        clear=("jurisdiction", "area", "starts_on", "ends_on", "holds_unknown"),
        hidden=("reason", "notice", "actor", *FACT),
        where=OWN,
    ),
    Kind.moratorium_end: Proven(
        table="moratorium_end",
        clear=("moratorium_id", "ends_on"),
        hidden=("reason", "actor", *FACT),
        where=OWN,
    ),
    Kind.payment: Proven(
        table="payment",
        clear=("account_id", "stage", "amount_minor", "effective_on"),
        hidden=("payment_ref", *FACT),
        key="source_key",
        where=OWN,
    ),
    Kind.refund: Proven(
        table="refund",
        clear=("account_id", "amount_minor", "effective_on"),
        hidden=FACT,
        key="source_key",
        where=OWN,
    ),
    Kind.refund_stage: Proven(
        table="refund_stage",
        clear=("account_id", "stage", "amount_minor", "effective_on"),
        hidden=("refund_ref", *FACT),
        key="source_key",
        where=OWN,
    ),
    Kind.refund_hold: Proven(
        table="refund_hold",
        clear=("account_id", "days", "effective_on"),
        hidden=("refund_ref", "about", *FACT),
        key="source_key",
        where=OWN,
    ),
    Kind.contract: Proven(
        table="contract",
        clear=("account_id", "product", "formed_on", "terms_digest"),
        hidden=("conditions", "actor", *FACT),
        key="source_key",
        where=OWN,
    ),
    Kind.booking: Proven(
        table="booking",
        clear=("account_id", "kind", "amount_minor", "effective_on", "days", "rule"),
        hidden=("schedule", "about", "reason", "actor", *FACT),
        key="source_key",
        where=OWN,
    ),
    Kind.close: Proven(
        table="close",
        clear=("as_of", "accounts", "late", "transfers", "corrected", "state_digest"),
        hidden=("balances", "actor"),
        bare=("closed_at",),
        since="closed_at",
    ),
    Kind.bank_file: Proven(
        table="bank_file",
        clear=("file_digest", "lines", "lines_added", "lines_digest"),
        hidden=("file_name", "map_name", "actor"),
        query=f"select f.*, ({LINES}) as lines_digest from bank_file f",
    ),
    Kind.bank_act: Proven(
        table="bank_act",
        clear=("line_id", "number", "state", "rule", "account_id"),
        hidden=("payment_ref", "reason", "actor"),
    ),
    Kind.mandate: Proven(
        table="mandate",
        clear=("account_id", "stage", "payday", "effective_at"),
        hidden=("mandate_ref", *FACT),
        key="source_key",
        where=OWN,
    ),
    Kind.debit_request: Proven(
        table="debit_request",
        clear=("account_id", "amount_minor", "currency", "asked_on", "due_on", "number"),
        hidden=("request_ref", "mandate_ref", *FACT),
        key="source_key",
        where=OWN,
    ),
    Kind.debit_result: Proven(
        table="debit_result",
        clear=("request_id", "outcome", "decline", "effective_on"),
        hidden=FACT,
        key="source_key",
        where=OWN,
    ),
    Kind.cost_confirmation: Proven(
        table="cost_confirmation",
        clear=tuple(
            "account_id product terms_digest offer_digest table_digest amount_minor installments"
            " contract_on language how shown_s effective_at".split()
        ),
        hidden=("confirmed_by", "actor", *FACT),
    ),
    Kind.api_key: Proven(
        table="api_key",
        clear=("scopes", "revokes_id", "agency_id"),
        hidden=("name", "key_hash", "actor"),
    ),
    Kind.night: Proven(
        table="night",
        clear=("as_of", "facts_digest", "packs_digest", "plan_digest", "rows_digest"),
        hidden=("report", "detail"),
        once=False,
        where="finished_at is not null",
        since="finished_at",
        query=f"select n.*, ({PLANNED}) as rows_digest from night n",
        bare=("started_at", "finished_at", "step"),
    ),
    Kind.intake: Proven(
        table="intake",
        clear=("file_digest", "rows_read", "rows_rejected", "facts_added"),
        hidden=("file_name", "map_name"),
        where="finished_at is not null",
        since="finished_at",
        bare=("started_at", "finished_at"),
    ),
    Kind.attempt: Proven(
        table="attempt",
        clear=tuple(
            "person_id contact_point_id contact_id channel inbound interactive connected effective"
            " at local_on accounts".split()
        ),
        hidden=("actor", *FACT),
        where=OWN,
    ),
    Kind.point_stage: Proven(
        table="contact_point_stage",
        clear=("contact_point_id", "stage", "effective_at"),
        hidden=FACT,
        where=OWN,
    ),
    Kind.occasion: Proven(
        table="occasion",
        clear=("person_id", "account_id", "kind", "effective_on", "act_on"),
        hidden=("thread", *FACT),
        where=OWN,
    ),
    Kind.duty: Proven(
        table="duty",
        clear=tuple(
            "person_id account_id rule topic clock occasion opened_on due_on act_on strict".split()
        ),
        hidden=("because", "thread", *FACT),
        where=OWN,
    ),
    Kind.duty_step: Proven(
        table="duty_step",
        clear=("duty_id", "stage", "effective_on", "due_on"),
        hidden=("note_cipher", "actor", *FACT),
        where=OWN,
    ),
    Kind.screening: Proven(
        table="screening",
        clear=("kind", "length", "third_party", "blocked", "screen_digest"),
        hidden=("subject", "text_index", "product", "hits", "actor"),
    ),
    Kind.template: Proven(
        table="template",
        clear=("name", "language", "channel", "audience", "version", "digest"),
        hidden=("parts", "note", "author"),
    ),
    Kind.template_verdict: Proven(
        table="template_approval",
        clear=("template_id", "verdict", "digest"),
        hidden=("reason", "actor"),
    ),
    Kind.agency: Proven(table="agency", clear=(), hidden=("name", "actor")),
    Kind.membership: Proven(table="membership", clear=("user_id", "agency_id"), hidden=("actor",)),
    Kind.placement: Proven(
        table="placement",
        clear=("account_id", "agency_id", "recalls_id", "effective_at"),
        hidden=("actor",),
    ),
    Kind.user: Proven(
        table="auth_user",
        clear=("is_active", "is_staff", "is_superuser", "roles"),
        hidden=("username", "password"),
        once=False,
        since="date_joined",
        query="select u.*, array(select g.name::text from auth_user_groups m join auth_group g"
        " on g.id = m.group_id where m.user_id = u.id order by g.name) as roles from auth_user u",
        bare=("first_name", "last_name", "email", "last_login", "date_joined"),
    ),
    Kind.sign_in: Proven(
        table="sign_in",
        clear=("step", "passed"),
        hidden=("name_index", "address", "actor"),
    ),
    Kind.second_factor: Proven(
        table="second_factor",
        clear=("user_id", "ends_id"),
        hidden=("secret_cipher", "actor"),
    ),
    Kind.recovery_code: Proven(
        table="recovery_code",
        clear=("factor_id",),
        hidden=("code_hash",),
        since="(select f.recorded_at from second_factor f where f.id = factor_id)",
    ),
    Kind.factor_use: Proven(table="factor_use", clear=("factor_id", "counter", "code_id")),
}

# Tables that refuse change and have no entry for each row.
UNPROVEN: Mapping[str, str] = {
    "bank_line": "comes in a file alone; the entry of its bank_file holds a digest of its lines",
    "suspense_move": "follows from lines and acts that have entries, and is made again from them",
    "closing": "only says which days are no longer open; each close has its entry",
    "transfer": "follows from facts and closes that have entries, and is made again from them",
    "owed_log": "follows from the same; only what stands now is made again from them",
    **dict.fromkeys(
        ("person", "profile", "account", "contact_point", "due", "reported_delinquency"),
        "comes in a file or with the demo book alone, which leave a seal of what they brought",
    ),
    **dict.fromkeys(
        ("evidence", "evidence_place", "evidence_node", "checkpoint", "cosignature"),
        "is the log itself",
    ),
}
