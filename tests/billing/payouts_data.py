"""Steps of tests of payouts: somebody who earned, where they are paid, a batch, and what workers do with it."""

from datetime import UTC, datetime, timedelta
from decimal import Decimal
from itertools import count
from typing import Any
from uuid import UUID

from django.db import connection
from django.db.backends.postgresql.psycopg_any import DateTimeTZRange
from django.db.models import Q, Sum
from django.utils import timezone

from accounts.models import User
from billing import chart
from billing.chart import TOKEN
from billing.ledger_choices import JournalKind
from billing.models import (
    Debt,
    Earning,
    Payout,
    PayoutBatch,
    PayoutDestination,
    PayoutItem,
    Posting,
    ProviderAccount,
    ProviderCall,
    ProviderEvent,
    ReserveHold,
    SimulatedCharge,
    SimulatedEvent,
    TokenValue,
)
from billing.models.provider_call import ASKED_ABOUT
from billing.payout_choices import LIVE_PAYOUTS, DestinationKind, PayoutStatus
from billing.payout_selectors import Payee
from billing.provider_choices import FactKind, ProviderEventStatus, ProviderOperation
from billing.providers.port import ProviderFact
from billing.services.debts import debt_charge
from billing.services.journal import Entry, Line, entries_post
from billing.services.ledger_accounts import ledger_accounts_open
from billing.services.payout_batches import (
    payout_batch_approve,
    payout_batch_build,
    payout_batch_submit,
)
from billing.services.payout_destinations import NewDestination, payout_destination_add
from billing.services.payout_facts import payout_fact_record
from billing.services.payout_sending import payout_batch_run
from billing.services.provider_call_runs import provider_call_run
from billing.services.provider_event_runs import provider_event_run
from billing.services.reserve_holds import reserve_hold_place
from billing.services.simulated_messages import simulated_messages_send
from core.db.context import acting
from core.db.roles import Role
from core.models.identity import uuid7
from performers.models import PerformerProfile
from tests.accounts.factories import staff
from tests.billing.factories_wallets import balance, granted, performer, settled, tip
from tests.billing.ledger import assert_books_prove
from tests.billing.providers.house import make_account

EUR = "EUR"
PER_TOKEN = Decimal("5.5")
"""What an earned token is worth in these tests, in cents."""

IBAN = "DE89 3704 0044 0532 0130 00"
REASON = "a payout of the tests"
START = datetime(2026, 11, 1, 12, tzinfo=UTC)
_numbers = count(1)


def provider() -> ProviderAccount:
    return ProviderAccount.objects.filter(code="simulator").first() or make_account()


def valued() -> TokenValue:
    """The value of a token, set years ago."""
    found = TokenValue.objects.filter(currency_id=EUR).first()
    return found or TokenValue.objects.create(
        currency_id=EUR,
        per_token=PER_TOKEN,
        valid=DateTimeTZRange(datetime(2020, 1, 1, tzinfo=UTC), None, "[)"),
        reason="the tests",
    )


def without_triggers(table: str, statement: str, *parameters: Any) -> None:
    """Change what nobody may change, as time would have."""
    settled()
    with connection.cursor() as cursor:
        cursor.execute(f"ALTER TABLE {table} DISABLE TRIGGER USER")
        cursor.execute(statement, parameters)
    settled()
    with connection.cursor() as cursor:
        cursor.execute(f"ALTER TABLE {table} ENABLE TRIGGER USER")


def matured() -> None:
    """Let a week pass for everything that was earned."""
    without_triggers("billing_earning", "UPDATE billing_earning SET available_on = %s", timezone.now().date())


def earned(tokens: int, to: PerformerProfile | None = None) -> PerformerProfile:
    """Somebody who earned 70 % of a tip more than a week ago."""
    to = to or performer()
    tip(granted(tokens), to, tokens)
    matured()
    return to


def earned_money(cents: int, to: PerformerProfile) -> None:
    """Earnings in euros, as what is held back leaves them."""
    account, other = ledger_accounts_open(chart.earnings(to.pk, EUR), chart.platform_share(EUR))
    entries_post(
        entries=[
            Entry(uuid7(), JournalKind.ADJUSTMENT, (Line(account, cents, EUR), Line(other, -cents, EUR)))
        ],
        actor=None,
    )


def destination(of: PerformerProfile | None = None, token: str = "sim_ok", **said: Any) -> PayoutDestination:
    """Where somebody is paid; the token says what the simulator does."""
    values: dict[str, Any] = {
        "kind": DestinationKind.BANK_ACCOUNT,
        "currency": EUR,
        "country": "DE",
        "holder_name": "Anna Beispiel",
        "details": IBAN,
        "token": token,
    }
    payee = (
        {"studio_id": said.pop("studio_id")}
        if "studio_id" in said
        else {"performer_id": of.pk if of else None}
    )
    return payout_destination_add(
        provider_account_id=provider().pk,
        new=NewDestination(**{**values, **said}),
        actor=None,
        **payee,
    )


def payable(tokens: int = 1000, token: str = "sim_ok") -> PerformerProfile:
    """Somebody who can be paid: 700 tokens of a thousand are 38.50 euros."""
    valued()
    found = earned(tokens)
    destination(found, token)
    return found


def maker() -> User:
    return staff(Role.FINANCE)


def approver() -> User:
    return staff(Role.FINANCE_APPROVER)


def built(*payees: PerformerProfile, by: User | None = None, **said: Any) -> PayoutBatch:
    """A draft for these performers, or for everybody."""
    person = by or maker()
    if payees:
        said["performer_ids"] = [payee.pk for payee in payees]
    account = provider()
    with acting(Role.FINANCE, user_id=person.pk):
        return payout_batch_build(
            provider_account_id=account.pk, currency=EUR, actor=person, reason=REASON, **said
        )


def submitted(*payees: PerformerProfile, by: User | None = None, **said: Any) -> PayoutBatch:
    person = by or maker()
    batch = built(*payees, by=person, **said)
    with acting(Role.FINANCE, user_id=person.pk):
        return payout_batch_submit(payoutbatch_id=batch.pk, actor=person, reason=REASON)


def approved(*payees: PerformerProfile, **said: Any) -> PayoutBatch:
    batch, person = submitted(*payees, **said), approver()
    with acting(Role.FINANCE_APPROVER, user_id=person.pk):
        return payout_batch_approve(payoutbatch_id=batch.pk, actor=person, reason=REASON)


def sent(*payees: PerformerProfile, **said: Any) -> PayoutBatch:
    """A batch whose calls are requested and not made."""
    batch = approved(*payees, **said)
    payout_batch_run(batch_id=batch.pk)
    return again(batch)


def again(row: Any) -> Any:
    """The row as it is now."""
    found = type(row)._base_manager.all()
    if isinstance(row, PayoutDestination):
        found = found.defer("holder_name", "details", "token")
    return found.get(pk=row.pk)


def only(batch: PayoutBatch) -> Payout:
    """The one payout of a batch."""
    return Payout.objects.get(batch=batch)


def work(rounds: int = 3) -> None:
    """What workers do, all at once: send batches, call the provider, take its messages in, act on them."""
    for _ in range(rounds):
        for batch_id in list(PayoutBatch.objects.open().values_list("pk", flat=True)):
            payout_batch_run(batch_id=batch_id)
        for call_id in list(
            ProviderCall.objects.filter(status__in=ASKED_ABOUT).order_by("pk").values_list("pk", flat=True)
        ):
            provider_call_run(call_id=call_id)
        now = timezone.now()
        for event in SimulatedEvent.objects.filter(sent_at__isnull=True).order_by("due_at", "pk"):
            SimulatedEvent.objects.filter(pk=event.pk).update(due_at=min(event.due_at, now))
        simulated_messages_send()
        for event_id in list(
            ProviderEvent.objects.filter(status=ProviderEventStatus.RECEIVED)
            .order_by("pk")
            .values_list("pk", flat=True)
        ):
            provider_event_run(event_id=event_id)


def told(payout: Payout, kind: FactKind, seconds: int = 0, **said: Any) -> Payout:
    """What the provider reports about a payout; the payout afterwards."""
    words: dict[str, Any] = {
        "event_id": f"evt_{next(_numbers)}",
        "event_type": f"simulator.{kind}",
        "kind": kind,
        "occurred_at": START + timedelta(seconds=seconds),
        "idempotency_key": payout.provider_key,
        "amount": payout.amount,
        "currency": payout.currency_id,
        "account_id": payout.provider_account_id,
    }
    payout_fact_record(fact=ProviderFact(**{**words, **said}), event_id=uuid7())
    return again(payout)


def open_sum(of: PerformerProfile, unit: str = TOKEN) -> int:
    """What was earned in a unit and is in no live payout."""
    spoken_for = PayoutItem.objects.filter(is_live=True).values("earning_id")
    found = Earning.objects.filter(performer_id=of.pk, currency_id=unit).exclude(pk__in=spoken_for)
    return found.aggregate(sum=Sum("amount"))["sum"] or 0


def books(of: PerformerProfile) -> dict[str, int]:
    """Balances of somebody: earnings and debts in tokens and euros, and the reserve."""
    payee = Payee(performer_id=of.pk)
    return {
        "tokens": balance(payee.earnings(TOKEN)),
        "euros": balance(payee.earnings(EUR)),
        "reserve": balance(payee.reserve(EUR)),
        "owed": -balance(payee.owed(EUR)),
        "owed_tokens": -balance(payee.owed(TOKEN)),
    }


def cash() -> int:
    """What left through the provider, in cents."""
    return balance(chart.cash("simulator", EUR))


def reserved(payee_id: UUID) -> int:
    return (
        Posting.objects.filter(account__code=f"payout_reserve:{payee_id}:{EUR}").aggregate(sum=Sum("amount"))[
            "sum"
        ]
        or 0
    )


def assert_agree() -> None:
    """Ledger, batches and the simulator say the same about every payout there is."""
    settled()
    assert_books_prove()
    payouts = list(Payout.objects.all())
    left = {P.pk for P in payouts if P.status in (PayoutStatus.PAID, PayoutStatus.PAID_AFTER_ALL)}
    assert cash() == sum(payout.amount for payout in payouts if payout.pk in left)
    under_way = (PayoutStatus.PREPARED, PayoutStatus.SENT, PayoutStatus.UNKNOWN)
    for payee_id in {payout.payee_id for payout in payouts}:
        waits = [p.amount for p in payouts if p.payee_id == payee_id and p.status in under_way]
        assert reserved(payee_id) == sum(waits)
    live = Q(payout__status__in=LIVE_PAYOUTS)
    assert not PayoutItem.objects.filter(live, is_live=False).exists()
    assert not PayoutItem.objects.filter(~live, is_live=True).exists()
    twice = PayoutItem.objects.filter(is_live=True).values("earning").annotate(n=Sum(1)).filter(n__gt=1)
    assert not twice.exists()


def assert_simulator_agrees() -> None:
    """What left by the books of the simulator is what left by ours; nothing was paid twice."""
    assert_agree()
    charges = SimulatedCharge.objects.filter(operation=ProviderOperation.PAYOUT)
    for charge in charges:
        payout = Payout.objects.get(pk=charge.idempotency_key)
        is_gone = charge.captured_total > charge.refunded_total
        assert (payout.status in (PayoutStatus.PAID, PayoutStatus.PAID_AFTER_ALL)) == is_gone, payout.status
    gone = sum(charge.captured_total - charge.refunded_total for charge in charges)
    assert gone == cash()


def charged(of: PerformerProfile, cents: int = 850) -> Debt:
    """What a finance approver charges somebody."""
    person = approver()
    with acting(Role.FINANCE_APPROVER, user_id=person.pk):
        return debt_charge(
            currency=EUR, amount=cents, actor=person, reason="fee of a dispute", performer_id=of.pk
        )


def kept_back(of: PerformerProfile, cents: int = 1000) -> ReserveHold:
    """What finance keeps back of whatever somebody is paid."""
    person = maker()
    with acting(Role.FINANCE, user_id=person.pk):
        return reserve_hold_place(
            currency=EUR, amount=cents, actor=person, reason="many disputes", performer_id=of.pk
        )


def returned(of: PerformerProfile) -> Payout:
    """A payout that was paid and came back."""
    payout = told(only(sent(of)), FactKind.PAYOUT_PAID, 1)
    return told(payout, FactKind.PAYOUT_RETURNED, 2)


def owed(of: PerformerProfile) -> int:
    """What the rows of debts sum to, in cents."""
    return Debt.objects.filter(performer=of, currency_id=EUR).aggregate(sum=Sum("amount"))["sum"] or 0
