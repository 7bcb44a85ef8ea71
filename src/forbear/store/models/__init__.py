"""Django models, one noun a file. Facts are append-only; the database refuses to change them."""

from forbear.store.models.access import ApiKey, Reveal
from forbear.store.models.account import Account
from forbear.store.models.agency import Agency, Membership, Placement
from forbear.store.models.attempt import Attempt, DispositionNote
from forbear.store.models.bank import BankAct, BankFile, BankLine, BankStanding, SuspenseMove
from forbear.store.models.booking import Booking, Contract
from forbear.store.models.consent import Consent
from forbear.store.models.contact import Contact, Outbox, Receipt
from forbear.store.models.contact_point import ContactPoint, ContactPointStage
from forbear.store.models.cost_confirmation import CostConfirmation
from forbear.store.models.debit import DebitRequest, DebitResult, Mandate
from forbear.store.models.delinquency import ReportedDelinquency
from forbear.store.models.dispute import Dispute
from forbear.store.models.due import Due
from forbear.store.models.duty import Duty, DutyStep, OccasionFact
from forbear.store.models.evidence import (
    Checkpoint,
    Cosignature,
    Evidence,
    EvidenceNode,
    EvidencePlace,
    EvidenceWaiting,
)
from forbear.store.models.intake import Intake
from forbear.store.models.moratorium import Moratorium, MoratoriumEnd
from forbear.store.models.payment import Payment, Refund, RefundHold, RefundStage
from forbear.store.models.person import Person, Profile
from forbear.store.models.plan import Night, Plan
from forbear.store.models.promise import Promise
from forbear.store.models.resolution import Resolution
from forbear.store.models.screening import Screening
from forbear.store.models.second_factor import FactorUse, RecoveryCode, SecondFactor
from forbear.store.models.sign_in import SignIn
from forbear.store.models.status import Status
from forbear.store.models.template import Template, TemplateApproval
from forbear.store.models.transfer import Close, Closing, Owed, OwedLog, Transfer

# Tables that refuse UPDATE, DELETE and TRUNCATE by trigger.
APPEND_ONLY = (
    Account,
    Agency,
    ApiKey,
    Attempt,
    BankAct,
    BankFile,
    BankLine,
    Booking,
    Checkpoint,
    Close,
    Closing,
    Consent,
    Contact,
    ContactPoint,
    ContactPointStage,
    Contract,
    Cosignature,
    CostConfirmation,
    DebitRequest,
    DebitResult,
    DispositionNote,
    Dispute,
    Due,
    Duty,
    DutyStep,
    OccasionFact,
    OwedLog,
    Evidence,
    EvidenceNode,
    EvidencePlace,
    FactorUse,
    Mandate,
    Membership,
    Moratorium,
    MoratoriumEnd,
    Payment,
    Person,
    Placement,
    Profile,
    Promise,
    Receipt,
    RecoveryCode,
    Refund,
    RefundHold,
    RefundStage,
    ReportedDelinquency,
    Resolution,
    Reveal,
    Screening,
    SecondFactor,
    SignIn,
    Status,
    SuspenseMove,
    Template,
    TemplateApproval,
    Transfer,
)

__all__ = [
    "APPEND_ONLY",
    "Account",
    "Agency",
    "ApiKey",
    "Attempt",
    "BankAct",
    "BankFile",
    "BankLine",
    "BankStanding",
    "Booking",
    "Checkpoint",
    "Close",
    "Consent",
    "Contact",
    "ContactPoint",
    "ContactPointStage",
    "Contract",
    "Cosignature",
    "CostConfirmation",
    "DebitRequest",
    "DebitResult",
    "DispositionNote",
    "Dispute",
    "Due",
    "Duty",
    "DutyStep",
    "Evidence",
    "EvidenceNode",
    "EvidencePlace",
    "EvidenceWaiting",
    "FactorUse",
    "Intake",
    "Mandate",
    "Membership",
    "Moratorium",
    "MoratoriumEnd",
    "Night",
    "OccasionFact",
    "Outbox",
    "Owed",
    "Payment",
    "Person",
    "Placement",
    "Plan",
    "Profile",
    "Promise",
    "Receipt",
    "RecoveryCode",
    "Refund",
    "RefundHold",
    "RefundStage",
    "ReportedDelinquency",
    "Resolution",
    "Reveal",
    "Screening",
    "SecondFactor",
    "SignIn",
    "Status",
    "SuspenseMove",
    "Template",
    "TemplateApproval",
    "Transfer",
]
