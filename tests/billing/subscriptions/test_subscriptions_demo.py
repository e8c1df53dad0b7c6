"""The subscriptions of the demo: there once, in many states, and the books prove."""

from decimal import Decimal

import pytest
from django.db.backends.postgresql.psycopg_any import DateTimeTZRange

from billing.datasets.demo_subscriptions import ILL, WELL, demo_subscriptions_load
from billing.models import Plan, Subscription, TaxRate
from billing.payment_choices import PaymentMethodKind
from billing.services.payment_methods import NewPaymentMethod, payment_method_add
from tests.accounts.factories import UserFactory
from tests.billing.ledger import assert_books_prove
from tests.billing.paying import BEGIN, shop
from tests.performers.factories_admission import PerformerFactory

pytestmark = pytest.mark.django_db


def test_it_is_there_once(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PROVIDER_SECRET_SIMULATOR_MESSAGES", "of-the-tests")
    account, _ = shop()
    for country in ("FR", "ES"):
        TaxRate.objects.create(
            jurisdiction=country,
            kind="standard",
            rate=Decimal("0.20"),
            source="tests",
            valid=DateTimeTZRange(BEGIN, None, "[)"),
        )
    for number, reference in enumerate((*WELL[:6], ILL)):
        user = UserFactory()
        payment_method_add(
            user=user,
            provider_account_id=account.pk,
            customer_reference=reference,
            new=NewPaymentMethod(
                kind=PaymentMethodKind.CARD,
                token="sim_ok" if reference in WELL else "sim_decline_insufficient_funds",
                fingerprint=f"demo_{number}",
                brand="Visa",
                last_four=f"{4242 + number}",
                expiry_year=2031,
                expiry_month=1,
            ),
            actor=user,
        )
    stars = [PerformerFactory(status="verified") for _ in range(3)]
    # Who is admitted is a matter of identities, which are not asked about here.
    monkeypatch.setattr("billing.datasets.demo_subscriptions.admitted", lambda count: stars[:count])
    said = demo_subscriptions_load()
    assert demo_subscriptions_load() == "there before"
    assert Plan.objects.count() > 0, said
    found = set(Subscription.objects.values_list("status", flat=True))
    assert {"active", "trialing"} <= found, said
    assert_books_prove()
