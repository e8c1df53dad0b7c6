"""Documents of the demo: two companies that sell, numbers for every paid order, evidence, tax forms."""

import datetime as dt

from accounts.models import User
from billing.invoice_choices import TaxEvidenceKind, TaxFormKind
from billing.models import LegalEntity, Order, TaxEvidence, TaxForm
from billing.services.invoice_numbers import invoices_catch_up, invoices_number
from billing.services.legal_entities import legal_entity_add
from billing.services.tax_evidence import tax_evidence_record
from billing.services.tax_forms import tax_form_accept, tax_form_submit
from core.db.clock import database_now
from core.db.context import acting
from core.db.roles import Role
from performers.models import PerformerProfile

COMPANIES = (
    (
        "VBL_EU",
        "VersBottomLex Demo B.V.",
        "Voorbeeldstraat 1, 1012 AB Amsterdam",
        "NL",
        "NL000000000B01",
        True,
    ),
    ("VBL_UK", "VersBottomLex Demo Ltd", "1 Example Street, London E1 1AA", "GB", "GB000000000", False),
)
FORMS = (
    (TaxFormKind.W8BEN, "DE", "DE 12/345/67890"),
    (TaxFormKind.W9, "US", "123-45-6789"),
    (TaxFormKind.SELF_CERTIFICATION, "FR", "FR 1234567890123"),
)
ONE_PIECE = 5
"""Every so many orders have one piece of evidence only, so that the close has something to point at."""


def demo_invoices_load() -> str:
    """Run again, it numbers what is new and changes nothing else."""
    companies = sum(_company(*company) for company in COMPANIES)
    caught = invoices_catch_up(limit=5000)
    numbered = invoices_number(limit=5000)
    pieces, forms = _evidence(), _forms()
    return (
        f"{companies} companies, {caught['drafted']} orders invoiced, {numbered['invoices']} invoices and "
        f"{numbered['credit_notes']} credit notes numbered, {pieces} pieces of evidence, {forms} tax forms"
    )


def _company(
    code: str, name: str, address: str, country: str, tax_number: str, sells_everywhere: bool
) -> int:
    with acting(Role.WORKER):
        if LegalEntity.objects.filter(code=code).exists():
            return 0
        administrator = User.objects.filter(handle="demo_administrator").first()
    with acting(Role.ADMINISTRATOR, user_id=administrator.pk if administrator else None):
        legal_entity_add(
            code=code,
            name=name,
            address=address,
            country=country,
            tax_number=tax_number,
            sells_everywhere=sells_everywhere,
            actor=administrator,
            reason="the demo",
        )
    return 1


def _evidence() -> int:
    """What the checkout and the card say; every fifth order lacks the second piece."""
    with acting(Role.WORKER):
        if TaxEvidence.objects.exists():
            return 0
        orders = list(Order.objects.filter(paid_at__isnull=False).order_by("pk")[:500])
    pieces = 0
    for number, order in enumerate(orders):
        for kind, source in (
            (TaxEvidenceKind.IP_ADDRESS, "Country of the network address at the checkout"),
            (TaxEvidenceKind.BANK, "Country of the card's issuer, by the provider"),
        ):
            if kind == TaxEvidenceKind.BANK and number % ONE_PIECE == ONE_PIECE - 1:
                continue
            tax_evidence_record(order_id=order.pk, kind=kind, country=order.country, source=source)
            pieces += 1
    return pieces


def _forms() -> int:
    """One in force, which ends soon if the year is about to; two that wait for a review."""
    with acting(Role.WORKER):
        if TaxForm.objects.unsealed().exists():
            return 0
        performers = list(PerformerProfile.objects.select_related("user").order_by("pk")[: len(FORMS)])
        reviewer = User.objects.filter(handle="demo_compliance").first()
    today = database_now().astimezone(dt.UTC).date()
    for number, (performer, (kind, country, tax_number)) in enumerate(zip(performers, FORMS, strict=False)):
        form = tax_form_submit(
            kind=kind,
            signed_by=performer.user,
            performer_id=performer.pk,
            legal_name=f"Demo Performer {number + 1}",
            tax_number=tax_number,
            country=country,
            signed_on=today.replace(year=today.year - 3, day=1),
            actor=performer.user,
        )
        if number == 0 and reviewer is not None:
            tax_form_accept(taxform_id=form.pk, actor=reviewer, reason="Complete and plausible.")
    return len(performers)
