"""Why a booking is refused: each reason with its code and what to do about it."""

from __future__ import annotations

from forbear.kernel.errors import ForbearError


class NotServiced(ForbearError):
    """The account has no contract here, so its books are somebody else's."""

    code = "booking.not_serviced"
    http_status = 409
    what_to_do = "Record the account's contract first."


class NotComplete(ForbearError):
    """The kind needs something that is missing, or has no use for something that is there."""

    code = "booking.not_complete"
    http_status = 422
    what_to_do = "Send what docs/books.md lists for the kind, and nothing else."


class NoSuchFact(ForbearError):
    """What it is about is not booked for this account."""

    code = "booking.no_such_fact"
    http_status = 404
    what_to_do = "Book the purchase or the payment first, and name it by its own reference."


class MoreThanLent(ForbearError):
    """More would come back of a purchase than was lent for it."""

    code = "booking.more_than_lent"
    http_status = 422
    what_to_do = "Compare the refunds of the purchase with its amount."


class MoreThanOwed(ForbearError):
    """More is to be forgiven than is billed or charged, and not paid."""

    code = "booking.more_than_owed"
    http_status = 422
    what_to_do = "Forgive at most what is owed on that day; the sentence says how much it is."


class MoreThanWaits(ForbearError):
    """More is to be paid out than there is money that has met nothing."""

    code = "booking.more_than_waits"
    http_status = 422
    what_to_do = "Pay out at most what waits on that day; the sentence says how much it is."


class PlanDiffers(ForbearError):
    """The installments of a plan do not come to what is open."""

    code = "booking.plan_differs"
    http_status = 422
    what_to_do = "Agree on what is open on that day; book a waiver first where less is asked for."


class MoreThanOpen(ForbearError):
    """An instrument is to fix more than the account's books have open on its day."""

    code = "booking.more_than_open"
    http_status = 422
    what_to_do = (
        "Book what else is owed first, costs as `cost`; take off what was paid since the sum was"
        " counted."
    )


class DayNotMovable(ForbearError):
    """The due day cannot be moved there."""

    code = "booking.day_not_movable"
    http_status = 422
    what_to_do = "Name a day of the month; a loan counted from its own day has none."


class TermsChanged(ForbearError):
    """The product's terms are not those that the account's contract was made under."""

    code = "booking.terms_changed"
    http_status = 409
    what_to_do = (
        "Put the product's terms of that day back; a change of terms is a version of its own."
    )


class OfferRefused(ForbearError):
    """The purchase costs more than a rule allows, or no rule says what it may cost."""

    code = "booking.offer_refused"
    http_status = 422
    what_to_do = "Offer a plan that costs less; the sentence names the rule."
