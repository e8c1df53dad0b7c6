"""What invoices and credit notes have in common: a number, its series and who sold, given by the database."""

from typing import Any

from django.db import models
from django.db.models import Q

from core.db.constraints import rule, unique
from core.db.privacy import not_personal

NUMBERED = "The number of a document, its series and the days come together, when it is issued."
SELLER = "Whatever is issued says who sells: name, address and tax number as they were."


def number_columns() -> dict[str, models.Field]:
    """What a document gets with its number; set by trigger."""
    return {
        "series": models.TextField(
            null=True,
            blank=True,
            db_comment="Kind of document and year, set by trigger; null: no number yet.",
        ),
        "number": models.BigIntegerField(
            null=True,
            blank=True,
            db_comment="Number within the series, from 1, set by trigger; null: none yet.",
        ),
        "issued_at": models.DateTimeField(
            null=True, blank=True, db_comment="When it got its number (UTC), set by trigger; null: not yet."
        ),
        "issued_on": models.DateField(
            null=True, blank=True, db_comment="The day (UTC) of issue, set by trigger; null: not yet."
        ),
        "seller_name": not_personal(
            models.TextField(blank=True, default="", db_comment="Name of the company, as it was at issue.")
        ),
        "seller_address": not_personal(
            models.TextField(blank=True, default="", db_comment="Its seat, as it was at issue.")
        ),
        "seller_tax_number": not_personal(
            models.TextField(blank=True, default="", db_comment="Its tax number, as it was at issue.")
        ),
    }


def number_rules(issued: str) -> list[Any]:
    """What holds of a document with and without a number; `issued` is the state that has one."""
    nothing = Q(series__isnull=True, number__isnull=True, issued_at__isnull=True, issued_on__isnull=True)
    whole = Q(series__isnull=False, number__gte=1, issued_at__isnull=False, issued_on__isnull=False)
    return [
        rule(Q(status=issued) & whole | ~Q(status=issued) & nothing, "numbered", NUMBERED),
        rule(
            Q(status=issued) & ~Q(seller_name="") & ~Q(seller_address="") & ~Q(seller_tax_number="")
            | ~Q(status=issued) & Q(seller_name="", seller_address="", seller_tax_number=""),
            "seller",
            SELLER,
        ),
        unique(
            "legal_entity",
            "series",
            "number",
            when=Q(number__isnull=False),
            name="number",
            message="A number is given once.",
        ),
    ]


def document_name(document: Any) -> str:
    """The number of an invoice or credit note as people write it: VBL_EU-INV-2026-000042."""
    if document.number is None:
        return ""
    return f"{document.legal_entity.code}-{document.series}-{document.number:06}"
