"""One credit agreement being serviced."""

from __future__ import annotations

from django.db import models

from forbear.kernel.vocabulary import CreditorType, ProductType
from forbear.store.models.fact import Fact, one_of
from forbear.store.models.person import Person


class Account(Fact):
    """An agreement of one person. Its source_key is its ref."""

    person = models.ForeignKey(Person, models.PROTECT, related_name="accounts", db_index=False)
    ref = models.TextField(unique=True)
    product = models.TextField()  # a product id; "paylater" until products are data
    # What kind of credit it is, as rules name it; "" where not known, which is every kind.
    product_type = models.TextField(default="", db_default="", blank=True)
    currency = models.CharField(max_length=3)  # ISO 4217
    limit_minor = models.BigIntegerField(null=True)
    creditor_type = models.TextField()
    jurisdiction = models.CharField(max_length=2, default="")  # ISO 3166; "" where not known
    opened_on = models.DateField(null=True)

    class Meta:
        db_table = "account"
        constraints = (
            one_of("creditor_type", CreditorType, "account_creditor_type"),
            models.CheckConstraint(
                condition=models.Q(product_type__in=["", *(p.value for p in ProductType)]),
                name="account_product_type",
            ),
        )
        indexes = (models.Index(fields=["person"], name="account_person"),)
