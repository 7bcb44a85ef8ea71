"""The closed lists of words that facts are written in. One noun, one word, everywhere.

In the database a word is text, checked against its list; in columns it is its position here, int8.
A list is only ever appended to, so that old columns keep their meaning.
"""

from __future__ import annotations

from enum import StrEnum


class Channel(StrEnum):
    """How a person is reached."""

    app = "app"  # a message inside the lender's own app
    sms = "sms"
    email = "email"
    letter = "letter"
    voice = "voice"  # a call by a human collector


class PointKind(StrEnum):
    """What a contact point is."""

    phone = "phone"
    email = "email"
    address = "address"
    app = "app"  # the person's identity inside the lender's app


class Relation(StrEnum):
    """Whose contact point it is, seen from the obligor."""

    obligor = "obligor"  # the borrower's own
    co_obligor = "co_obligor"
    guarantor = "guarantor"
    contact_person = "contact_person"  # a third party the borrower named beforehand; owes nothing
    relative = "relative"  # a third party whom nobody named; owes nothing
    unknown = "unknown"  # nobody knows, so nobody may use it


class Purpose(StrEnum):
    """What a contact is for."""

    remind = "remind"  # one-way: what is due and how to pay
    arrange = "arrange"  # a conversation about how to pay
    locate = "locate"  # ask a contact person for the obligor's own contact data, or to relay


class CreditorType(StrEnum):
    """Who lent. Its position is its bit in a mask of the creditors of one person."""

    bank = "bank"
    consumer_finance = "consumer_finance"
    micro_loan = "micro_loan"
    transferee = "transferee"  # bought the receivable
    other = "other"


class ProductType(StrEnum):
    """What kind of credit it is. Its position is its bit in a mask of one person's products."""

    card = "card"  # a credit card, what is paid on it by installments included
    installment_purchase = "installment_purchase"  # goods or services bought and paid for later
    cash_loan = "cash_loan"  # money lent to a consumer
    micro_loan = "micro_loan"  # a small loan under the rules of micro-lending
    other = "other"


class DueKind(StrEnum):
    """How an amount due is to be read."""

    installment = "installment"  # adds to what was due before
    statement = "statement"  # the whole balance on that day; replaces earlier statements


class PaymentStage(StrEnum):
    """What is known of one payment. Only `settled` moves the books."""

    initiated = "initiated"  # the person paid; the money is on its way
    settled = "settled"
    failed = "failed"
    reversed = "reversed"  # settled, then taken back


class RefundStage(StrEnum):
    """What is known of one refund. Only `settled` moves the books; the last three end it."""

    requested = "requested"  # goods or money are to go back; what is owed is uncertain
    settled = "settled"
    withdrawn = "withdrawn"  # by whoever asked
    refused = "refused"  # by the merchant or the lender


UNSETTLED = (RefundStage.requested, RefundStage.withdrawn, RefundStage.refused)


class ConsentKind(StrEnum):
    """What a person allowed or asked for."""

    night_contact = "night_contact"  # explicit consent to contact in the quiet hours
    opt_out = "opt_out"  # no more contact on one channel
    cease_request = "cease_request"  # no more contact at all


class ConsentState(StrEnum):
    """Whether it stands. The latest effective one wins."""

    given = "given"
    withdrawn = "withdrawn"


class DisputeStage(StrEnum):
    """Where a dispute stands."""

    opened = "opened"
    resolved = "resolved"


class StatusKind(StrEnum):
    """A fact about a person or account that changes what may be done."""

    deceased = "deceased"
    incapacitated = "incapacitated"
    minor = "minor"
    represented = "represented"  # a lawyer acts
    insolvent = "insolvent"  # by a court's notice, never by city
    settled = "settled"  # an account is paid off or settled; account level
    moratorium = "moratorium"  # lives in an area under a dated moratorium
    no_contact_order = "no_contact_order"  # ordered by the police
    # What follows may be of one account or, where it names none, of the whole person.
    arrangement = "arrangement"  # a signed plan in force; ends when it is breached or kept
    mediation = "mediation"  # before a mediator, who carries every word
    refund_pending = "refund_pending"  # money is to go back, and what is owed is not certain
    lawsuit = "lawsuit"  # a suit is filed or judged
    time_barred = "time_barred"  # the limitation period has run
    breathing_space = "breathing_space"  # a moratorium that the law gives the person
    student = "student"  # in full-time study; of the person


# Statuses that a debt may have as well as a person; the first three withhold it from collection.
WITHHELD = (StatusKind.arrangement, StatusKind.mediation, StatusKind.refund_pending)
OF_A_DEBT = (*WITHHELD, StatusKind.lawsuit, StatusKind.time_barred, StatusKind.breathing_space)


class StatusStage(StrEnum):
    """Whether it holds. The latest effective one wins."""

    began = "began"
    ended = "ended"


class PointStage(StrEnum):
    """What became known of a contact point."""

    verified = "verified"
    invalid = "invalid"  # the number does not exist, the address is unknown
    refused = "refused"  # its owner wants no further contact, or says they do not know the obligor
    named = "named"  # the obligor named this contact person beforehand


class Disposition(StrEnum):
    """How an attempt ended, as the collector codes it."""

    no_answer = "no_answer"
    busy = "busy"
    switched_off = "switched_off"
    number_invalid = "number_invalid"
    wrong_person = "wrong_person"
    third_party = "third_party"  # someone else answered; nothing was disclosed
    third_party_refused = "third_party_refused"
    hung_up = "hung_up"  # connected; counted as effective until the standard's text is read
    talked = "talked"  # right person, real conversation
    promised = "promised"
    disputed = "disputed"
    hardship = "hardship"  # asks for relief
    asked_to_stop = "asked_to_stop"
    delivered = "delivered"  # a message's receipt
    undelivered = "undelivered"


# What each disposition says about the three counters: connected, effective.
CONNECTED = frozenset(
    {
        Disposition.wrong_person,
        Disposition.third_party,
        Disposition.third_party_refused,
        Disposition.hung_up,
        Disposition.talked,
        Disposition.promised,
        Disposition.disputed,
        Disposition.hardship,
        Disposition.asked_to_stop,
    }
)
EFFECTIVE = frozenset(
    {
        Disposition.hung_up,
        Disposition.talked,
        Disposition.promised,
        Disposition.disputed,
        Disposition.hardship,
        Disposition.asked_to_stop,
    }
)


class PlanState(StrEnum):
    """Where a planned contact stands."""

    planned = "planned"
    dispatched = "dispatched"  # the gate allowed it; see the contact
    refused = "refused"  # the gate refused it; see the contact
    cancelled = "cancelled"  # a stop request, a payment or a newer night took it back


class OutboxState(StrEnum):
    """Where an allowed contact stands on its way out."""

    queued = "queued"
    sending = "sending"  # handed to the channel; the outcome is not known yet
    sent = "sent"
    failed = "failed"  # surely not delivered; will be tried again
    unknown = "unknown"  # may or may not have gone; counts as used, never resent by itself
    dead = "dead"  # surely not delivered and given up
    cancelled = "cancelled"
    rehearsed = "rehearsed"  # the contact point is fictional: decided in full, never sent
    listed = "listed"  # a human call: on a collector's work list
    done = "done"  # a human call whose disposition is recorded


class Resolved(StrEnum):
    """What a person decided about a contact that was stuck on its way out."""

    retried = "retried"  # dead: try again, through the gate
    cancelled = "cancelled"  # dead: leave it
    sent = "sent"  # unknown: the provider says it went out
    undelivered = "undelivered"  # unknown: the provider says it never went out


class ReceiptOutcome(StrEnum):
    """What a provider's receipt says became of a message."""

    delivered = "delivered"
    read = "read"
    undelivered = "undelivered"
    bounced = "bounced"


class Occasion(StrEnum):
    """What opens a duty, or closes one. Some are recorded as such; others are read from facts."""

    dispute_opened = "dispute_opened"  # read from disputes
    dispute_resolved = "dispute_resolved"  # read from disputes
    first_contact = "first_contact"  # read from the gate's record: the first that went out
    account_settled = "account_settled"  # read from statuses
    complaint_received = "complaint_received"  # our conduct is objected to
    complaint_referred = "complaint_referred"  # the central bank's branch passed one on
    placement_planned = "placement_planned"  # an outside agency is to be used from a day on
    adverse_report_planned = "adverse_report_planned"  # to a credit bureau, on a day
    plan_agreed = "plan_agreed"  # an installment plan was signed
    plan_broken = "plan_broken"
    mediation_agreed = "mediation_agreed"  # a mediation agreement took effect
    breathing_space_began = "breathing_space_began"
    crisis_treatment_began = "crisis_treatment_began"  # mental-health crisis breathing space
    crisis_treatment_ended = "crisis_treatment_ended"
    mediation_before_filing = "mediation_before_filing"  # a court sent it to a mediator
    mediation_in_ordinary_suit = "mediation_in_ordinary_suit"  # filed, then sent to a mediator
    mediation_in_summary_suit = "mediation_in_summary_suit"
    mediation_ended = "mediation_ended"  # without an agreement


# Occasions that another fact tells; nobody records them a second time.
READ_FROM_FACTS = frozenset(
    {
        Occasion.dispute_opened,
        Occasion.dispute_resolved,
        Occasion.first_contact,
        Occasion.account_settled,
    }
)
# Occasions that announce an act for a day; what they open is due before that day.
ANNOUNCES = frozenset({Occasion.placement_planned, Occasion.adverse_report_planned})


class DutyStage(StrEnum):
    """What became of a duty after it opened."""

    asked = "asked"  # more time that a second person must approve
    refused = "refused"  # the second person did not
    extended = "extended"  # the law gives more time, for a reason
    met = "met"
    released = "released"  # it never applied, or the matter was withdrawn


DUTY_CLOSED = frozenset({DutyStage.met, DutyStage.released})
ASKS_TIME = frozenset({DutyStage.asked, DutyStage.refused, DutyStage.extended})


class ScreenedKind(StrEnum):
    """What a text was when it was screened."""

    draft = "draft"  # about to be sent
    transcript = "transcript"  # said or sent already
    message = "message"  # rendered, on its way out
    template = "template"


class Audience(StrEnum):
    """Whom a template speaks to."""

    debtor = "debtor"
    third_party = "third_party"  # owes nothing and may learn nothing of the debt


class TemplateVerdict(StrEnum):
    """What one person said of one version of a template."""

    approved = "approved"
    refused = "refused"
    withdrawn = "withdrawn"  # was in force, and is taken back


class SignInStep(StrEnum):
    """One step of signing in, or what sets its count back."""

    password = "password"
    code = "code"  # the second step: a code of the moment, or a recovery code
    unlocked = "unlocked"  # somebody who may said that the tries are forgiven


class Confirmed(StrEnum):
    """How a borrower confirmed the table of all costs."""

    online = "online"  # shown for so long, then confirmed on the same screen
    paper = "paper"  # signed
