"""Accounts at providers, their secrets, and somebody who takes down what is reported."""

import pytest

from billing.models import ProviderAccount
from billing.providers import settlement
from tests.billing.providers.house import SECRETS, Books, make_account


@pytest.fixture(autouse=True)
def _secrets(monkeypatch: pytest.MonkeyPatch) -> None:
    for name, value in SECRETS.items():
        monkeypatch.setenv(f"PROVIDER_SECRET_{name.upper()}", value)


@pytest.fixture
def books(monkeypatch: pytest.MonkeyPatch) -> Books:
    """Takes down answers and facts in place of payments, whose own tests are elsewhere."""
    books = Books()
    monkeypatch.setattr(settlement, "_subjects", {kind: books.subject() for kind in settlement.CallSubject})
    monkeypatch.setattr(settlement, "_fact_records", [books.record])
    return books


@pytest.fixture
def simulated(db: None) -> ProviderAccount:
    return make_account()


@pytest.fixture
def stripe_account(db: None) -> ProviderAccount:
    return make_account("stripe_eu", kind="stripe", webhook_secrets=["stripe_eu_new", "stripe_eu_old"])
