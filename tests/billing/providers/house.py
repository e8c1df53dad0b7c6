"""What the tests of providers share: accounts, messages, calls, and books that take down what is told."""

import json
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any
from uuid import UUID, uuid4

from django.test import Client
from django.utils import timezone

from billing.errors import PaymentUnknown
from billing.models import ProviderAccount, ProviderCall, ProviderEvent
from billing.provider_choices import CallSubject, ProviderOperation
from billing.providers.port import ProviderAnswer, ProviderFact
from billing.providers.settlement import Subject
from billing.providers.signatures import signed_header
from billing.services.provider_calls import provider_call_request

SECRETS = {
    "simulator_messages": "simulated secret of messages",
    "stripe_eu_new": "whsec_the_new_one",
    "stripe_eu_old": "whsec_the_old_one",
    "stripe_eu_calls": "sk_test_of_calls",
}


def make_account(code: str = "simulator", **changed: Any) -> ProviderAccount:
    """An account, by default of the simulator."""
    values: dict[str, Any] = {
        "kind": "simulator",
        "legal_entity": "VersBottomLex B.V.",
        "currency_id": "EUR",
        "is_live": False,
        "webhook_secrets": ["simulator_messages"],
        "api_credentials": "",
    }
    return ProviderAccount.objects.create(code=code, **{**values, **changed})


def body_of(event_id: str = "sim_evt_1", kind: str = "payment_captured", **changed: Any) -> bytes:
    """A message of the simulator."""
    told = {
        "id": event_id,
        "type": f"simulator.{kind}",
        "created": 1_790_000_000,
        "live": False,
        "payment": "sim_pay_1",
        "refund": "",
        "key": "attempt-0001",
        "amount": 2999,
        "total": 2999,
        "currency": "EUR",
        "decline_code": "",
    }
    return json.dumps({**told, **changed}).encode()


def signed(body: bytes, secret: str = "simulator_messages", at: datetime | None = None) -> dict[str, str]:
    """The headers of a message that is sent at `at`, now by default."""
    return {"simulator-signature": signed_header([SECRETS[secret]], body, at or timezone.now())}


def post(client: Client, body: bytes, headers: dict[str, str] | None = None, code: str = "simulator") -> Any:
    """Send a message to the address of an account."""
    return client.generic(
        "POST", f"/webhooks/{code}", body, content_type="application/json", headers=headers or signed(body)
    )


def only_event() -> ProviderEvent:
    """The one message that there is."""
    return ProviderEvent.objects.get()


def ask(account: ProviderAccount, token: str, amount: int = 2999, **changed: Any) -> ProviderCall:
    """Request an authorisation by the method of this token."""
    subject = changed.pop("subject_id", None) or uuid4()
    Books.tokens[subject] = token
    values: dict[str, Any] = {
        "operation": ProviderOperation.AUTHORISE,
        "subject_type": CallSubject.PAYMENT_ATTEMPT,
        "idempotency_key": str(subject),
        "currency": "EUR",
        "actor": None,
    }
    return provider_call_request(
        provider_account_id=account.pk, subject_id=subject, amount=amount, **{**values, **changed}
    )


@dataclass
class Books:
    """Takes down what is told, in order; `unknown` are references that it says it does not know."""

    answers: list[tuple[UUID, ProviderAnswer]] = field(default_factory=list)
    facts: list[ProviderFact] = field(default_factory=list)
    unknown: set[str] = field(default_factory=set)
    fails: Callable[[ProviderFact], None] | None = None
    tokens = {}

    def subject(self) -> Subject:
        return Subject(self._settle, lambda subject_id: str(self.tokens[subject_id]))

    def record(self, *, fact: ProviderFact, event_id: UUID) -> None:
        if fact.reference in self.unknown:
            raise PaymentUnknown("We have no such payment.")
        if self.fails is not None:
            self.fails(fact)
        self.facts.append(fact)

    def _settle(self, *, call: ProviderCall, answer: ProviderAnswer) -> None:
        self.answers.append((call.subject_id, answer))

    @property
    def outcomes(self) -> list[str]:
        return [answer.outcome.value for _, answer in self.answers]


def instant(seconds: int) -> datetime:
    """An instant of Unix time."""
    return datetime.fromtimestamp(seconds, UTC)
