"""Evidence of where customers are, for value added tax on digital services.

Implementing Regulation (EU) 282/2011: article 24b(d) asks for two pieces of non-contradictory evidence, article 24f
says which. Whoever charges records what they know: the checkout the country of the network address, the adapter of a
provider the country of the card's issuer. The billing address is recorded with the order.
"""

from uuid import UUID

from django.db import transaction

from accounts.models import User
from billing.errors import TaxEvidenceRefused
from billing.invoice_choices import EvidenceVerdict, TaxEvidenceKind
from billing.models import BillingAddress, Order, TaxEvidence
from billing.models.tax_evidence import ENOUGH
from billing.places import country_check
from core.db.clock import database_now
from core.db.context import acting
from core.db.locking import NotThere
from core.db.refusals import refused_as
from core.db.roles import Role


@transaction.atomic
def tax_evidence_record(
    *, order_id: UUID, kind: TaxEvidenceKind | str, country: str, source: str, actor: User | None = None
) -> TaxEvidence:
    """Record one piece of evidence about an order; the same again gives the first.

    `source` says from where it is known, without an address or number. Runs as the worker. Raises: TaxEvidenceRefused
    (another country by the same kind of evidence, a country that does not exist), NotThere.
    """
    country_check(country, TaxEvidenceRefused)
    with acting(Role.WORKER, user_id=actor.pk if actor else None):
        user_id = Order.objects.filter(pk=order_id).values_list("user_id", flat=True).first()
        if user_id is None:
            raise NotThere("There is no such order.")
        before = TaxEvidence.objects.filter(order_id=order_id, kind=kind).first()
        if before is not None:
            if before.country != country:
                raise TaxEvidenceRefused(
                    f"{before.get_kind_display()} named {before.country} before. Evidence is not changed."
                )
            return before
        with refused_as(TaxEvidenceRefused):
            return TaxEvidence.objects.create(
                order_id=order_id,
                user_id=user_id,
                kind=TaxEvidenceKind(kind),
                country=country,
                source=source.strip(),
                recorded_at=database_now(),
            )


def tax_evidence_of_address(*, order: Order) -> TaxEvidence | None:
    """Record the country of the billing address of an order; None where it has none."""
    if order.billing_address_id is None:
        return None
    with acting(Role.WORKER):
        country = BillingAddress.objects.values_list("country", flat=True).get(pk=order.billing_address_id)
    return tax_evidence_record(
        order_id=order.pk,
        kind=TaxEvidenceKind.BILLING_ADDRESS,
        country=country,
        source="Billing address of the order",
    )


def evidence_verdict(order: Order) -> EvidenceVerdict:
    """What the evidence of an order comes to, with one query."""
    countries = list(TaxEvidence.objects.filter(order=order).values_list("country", flat=True))
    agreeing = sum(country == order.country for country in countries)
    if agreeing >= ENOUGH:
        return EvidenceVerdict.SUFFICIENT
    if agreeing < len(countries):
        return EvidenceVerdict.CONTRADICTORY
    return EvidenceVerdict.MISSING
