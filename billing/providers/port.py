"""The port: what the platform asks of a payment provider, and what it hears from one.

Nothing of one provider stands here. Amounts are minor units of our currencies (`billing_currency.exponent`); an adapter
translates where its provider counts otherwise. An adapter is called outside of any transaction, by a job.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Protocol
from uuid import UUID

from billing.dispute_choices import DisputeReason, DisputeStage, DisputeStatus
from billing.provider_choices import FactKind, ProviderOperation, ProviderOutcome, SignatureVerdict


@dataclass(frozen=True, slots=True)
class AuthoriseCall:
    """Ask for money: `amount` minor units of `currency` from the method whose provider token is `method_token`.

    `capture` takes it at once; otherwise it is only set aside, and a `CaptureCall` takes it. The provider gives
    `idempotency_key` back in every event about the payment (`ProviderFact.idempotency_key`).
    """

    idempotency_key: str
    amount: int
    currency: str
    method_token: str = field(repr=False)
    capture: bool = True
    customer: str = ""
    mandate: str = ""
    description: str = ""


@dataclass(frozen=True, slots=True)
class CaptureCall:
    """Take `amount` of what was authorised under the provider's `reference`."""

    idempotency_key: str
    reference: str
    amount: int
    currency: str


@dataclass(frozen=True, slots=True)
class VoidCall:
    """Let go of what was authorised under the provider's `reference`; nothing of it was captured."""

    idempotency_key: str
    reference: str


@dataclass(frozen=True, slots=True)
class RefundCall:
    """Give back `amount` of what was captured under the provider's `reference`."""

    idempotency_key: str
    reference: str
    amount: int
    currency: str
    reason: str = ""


@dataclass(frozen=True, slots=True)
class PayoutCall:
    """Pay `amount` to the destination that the provider calls `destination_token`.

    `reference` is what the bank statement shows, to whoever is paid and to us.
    """

    idempotency_key: str
    amount: int
    currency: str
    destination_token: str = field(repr=False)
    reference: str = ""


@dataclass(frozen=True, slots=True)
class EvidenceCall:
    """Submit evidence in the dispute under the provider's `reference`: words by kind (`EvidenceKind`)."""

    idempotency_key: str
    reference: str
    evidence: Mapping[str, str] = field(repr=False)


Call = AuthoriseCall | CaptureCall | VoidCall | RefundCall | PayoutCall | EvidenceCall


@dataclass(frozen=True, slots=True)
class ProviderAnswer:
    """What came of a call.

    `reference` is the provider's name of what was made: the payment, or for a refund the refund. `amount` and
    `currency` are what the provider says that it moved, None where it says nothing: compare them with what was asked.
    `decline_code` is the provider's own code. `raw` is the answer for people who look into a case, without secrets and
    without what identifies the payer. `action_url` is where the payer goes on REQUIRES_ACTION.
    """

    outcome: ProviderOutcome
    reference: str = ""
    decline_code: str = ""
    amount: int | None = None
    currency: str | None = None
    action_url: str = ""
    raw: Mapping[str, Any] = field(default_factory=dict)

    @property
    def is_final(self) -> bool:
        """Whether nothing more need be asked: an event brings whatever follows."""
        return self.outcome not in (ProviderOutcome.UNKNOWN, ProviderOutcome.NOT_FOUND)


@dataclass(frozen=True, slots=True)
class Verdict:
    """What a signature says; `words` are for people, without the secret and without the signature."""

    signature: SignatureVerdict
    words: str = ""

    @property
    def is_valid(self) -> bool:
        """Whether the message is the provider's and of now."""
        return self.signature is SignatureVerdict.VALID


@dataclass(frozen=True, slots=True)
class MovementFact:
    """Money of a dispute that the provider moved, by its name. `amount` is below zero where it took, without `fee`.

    Our balance at the provider changes by `amount - fee`; a fee that is given back is below zero.
    """

    reference: str
    amount: int
    currency: str
    moved_at: datetime
    fee: int = 0


@dataclass(frozen=True, slots=True)
class DisputeFact:
    """What a fact says of a dispute: where it stands then, and the movements that the provider tells with it.

    `due_at` is until when evidence is taken, `lost_amount` what is lost where it is lost in part.
    """

    status: DisputeStatus
    stage: DisputeStage = DisputeStage.CHARGEBACK
    reason: DisputeReason = DisputeReason.OTHER
    reason_code: str = ""
    due_at: datetime | None = None
    lost_amount: int | None = None
    movements: tuple[MovementFact, ...] = ()


@dataclass(frozen=True, slots=True)
class ProviderFact:
    """One thing that a provider reports. It is true whatever we think of it: record it, then raise an exception.

    `reference` is the provider's name of the payment or payout, `refund_reference` that of the refund or dispute, where
    the fact is about one. `idempotency_key` is ours, '' where the provider does not tell it: that of the authorisation
    for everything about a payment, that of the refund or payout for everything about one. `amount` is what this one
    thing moved; `total` is what has been moved in this direction altogether (captured, or refunded, of this payment),
    where the provider tells it: the larger total is the later one, in whatever order they arrive. `is_live` is None
    where the provider does not tell.
    """

    event_id: str
    event_type: str
    kind: FactKind
    occurred_at: datetime
    reference: str = ""
    refund_reference: str = ""
    idempotency_key: str = ""
    amount: int | None = None
    total: int | None = None
    currency: str | None = None
    decline_code: str = ""
    is_live: bool | None = None
    dispute: DisputeFact | None = None
    account_id: UUID | None = None
    """Our ProviderAccount that heard it; the inbox fills it in. References are unique within an account only."""


class Unreadable(Exception):
    """A message is no event of this provider. `str(error)` is for people and quotes nothing of the message."""


class NeverSent(Exception):
    """A call that the adapter did not make, since it cannot be made: certainly no money moved. `code` says why."""

    def __init__(self, code: str, words: str) -> None:
        super().__init__(words)
        self.code = code


class Provider(Protocol):
    """One account at one provider, as the platform speaks to it."""

    @property
    def code(self) -> str:
        """The code of our ProviderAccount."""

    def authorise(self, call: AuthoriseCall) -> ProviderAnswer:
        """Ask for money. A time-out, a lost connection and a 5xx are UNKNOWN. Raises NeverSent, as all calls do."""

    def capture(self, call: CaptureCall) -> ProviderAnswer:
        """Take what was authorised."""

    def void(self, call: VoidCall) -> ProviderAnswer:
        """Let go of what was authorised."""

    def refund(self, call: RefundCall) -> ProviderAnswer:
        """Give back what was captured."""

    def pay_out(self, call: PayoutCall) -> ProviderAnswer:
        """Pay somebody. SUCCEEDED: the money has left; PENDING: on its way, and a message says what came of it."""

    def submit_evidence(self, call: EvidenceCall) -> ProviderAnswer:
        """Tell the bank of the payer what speaks for us."""

    def look_up(
        self,
        idempotency_key: str,
        *,
        operation: ProviderOperation = ProviderOperation.AUTHORISE,
        reference: str = "",
    ) -> ProviderAnswer:
        """What became of an earlier call with this key; NOT_FOUND where it never arrived.

        `reference` is the payment or dispute on which the call worked: '' for an authorisation.
        """

    def verify(self, body: bytes, headers: Mapping[str, str], at: datetime) -> Verdict:
        """Whether the message was signed by the provider, and not long before or after `at` (UTC)."""

    def read(self, body: bytes) -> ProviderFact:
        """The message in neutral words. Raises Unreadable for what is no event; an unknown type is NOT_OURS."""


def call_by(provider: Provider, call: Call) -> ProviderAnswer:
    """Make the call with the method that is for it."""
    match call:
        case AuthoriseCall():
            return provider.authorise(call)
        case CaptureCall():
            return provider.capture(call)
        case VoidCall():
            return provider.void(call)
        case RefundCall():
            return provider.refund(call)
        case PayoutCall():
            return provider.pay_out(call)
        case EvidenceCall():
            return provider.submit_evidence(call)
