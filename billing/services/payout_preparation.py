"""Preparing payouts: what each payee gets, of which earnings, at which value of tokens, and why somebody gets none."""

import datetime as dt
from dataclasses import dataclass
from fractions import Fraction
from uuid import UUID

from django.db import connection

from billing.chart import TOKEN
from billing.errors import PayoutRefused
from billing.models import Debt, Payout, PayoutBatch, PayoutDestination, ReserveHold, TokenValue
from billing.money import money_text
from billing.payout_choices import DebtCause
from billing.payout_selectors import Available, Payee, available_now
from billing.rounding import half_up
from billing.services.journal import Entry
from billing.services.payout_destinations import usable_at
from billing.services.payout_postings import debts_of, entries_prepared
from billing.services.sanctions_screenings import payout_barred
from core.db.refusals import refused_as
from core.models.identity import uuid7
from performers.models import PayoutPreference

DEFAULT_MINIMUM = 2000
"""Minor units that a payout has at least where nobody said otherwise: of less, fees of the provider eat too much."""

ITEMS = """
INSERT INTO billing_payoutitem (id, payout_id, earning_id, amount, currency, is_live)
SELECT uuidv7(), %s::uuid, e.id, e.amount, e.currency, true FROM billing_earning e
WHERE e.id = ANY (%s::uuid[]) ORDER BY e.id
"""


@dataclass(frozen=True, slots=True)
class Skipped:
    """Somebody who is not in the batch, and why not, in words for finance."""

    payee: Payee
    words: str


@dataclass(frozen=True, slots=True)
class Prepared:
    """A payout with the entries and debts that go with it; nothing of it is posted yet."""

    payout: Payout
    entries: list[Entry]
    debts: list[Debt]


def payout_prepare(
    *, batch: PayoutBatch, destination: PayoutDestination, token_value: TokenValue | None
) -> Prepared | Skipped:
    """Write a payout with its items, for the payee of a destination that is locked. Runs as the worker.

    Raises: PayoutRefused (an earning that another payout speaks for meanwhile).
    """
    payee = Payee(destination.performer_id, destination.studio_id)
    currency = batch.currency_id
    if payout_barred(performer_id=payee.performer_id, studio_id=payee.studio_id):
        return Skipped(payee, "Payouts to them are stopped. Compliance knows why.")
    if not usable_at(destination):
        return Skipped(payee, _not_usable(destination))
    least = minimum_of(payee, currency)
    if least is None:
        return Skipped(payee, f"The performer wants to be paid in another currency than {currency}.")
    tokens, money = available_now(payee, currency, batch.as_of)
    exchanged = 0
    count = max(0, tokens.payable)
    if count:
        if token_value is None:
            raise PayoutRefused(
                f"Nobody said what a token is worth in {currency} then. Set a token value first."
            )
        exchanged = half_up(count * Fraction(token_value.per_token))
    payout = _payout(batch, destination, tokens, money, count, exchanged, token_value)
    if payout.amount < max(1, least):
        return Skipped(payee, _too_little(payout.amount, least, currency))
    with refused_as(PayoutRefused):
        payout.save(force_insert=True)
        _items(payout, [*(tokens.earning_ids if count else ()), *money.earning_ids])
    off = {TOKEN: -payout.set_off_tokens, currency: -payout.set_off}
    return Prepared(payout, entries_prepared(payout), debts_of(payout, DebtCause.SET_OFF, off))


def minimum_of(payee: Payee, currency: str) -> int | None:
    """The least sum that is paid at once, in minor units; None: the performer wants another currency."""
    if payee.performer_id is None:
        return DEFAULT_MINIMUM
    preference = PayoutPreference.objects.filter(performer_id=payee.performer_id).first()
    if preference is None:
        return DEFAULT_MINIMUM
    return preference.minimum if preference.currency == currency else None


def held_back_of(payee: Payee, currency: str, on: dt.date) -> int:
    """What reserves keep back, in minor units."""
    holds = ReserveHold.objects.active(on).filter(**{payee.column: payee.id}, currency_id=currency)
    return sum(holds.values_list("amount", flat=True))


def _payout(
    batch: PayoutBatch,
    destination: PayoutDestination,
    tokens: Available,
    money: Available,
    count: int,
    exchanged: int,
    token_value: TokenValue | None,
) -> Payout:
    payee, currency = Payee(destination.performer_id, destination.studio_id), batch.currency_id
    earned = money.balance - money.rest
    beyond_debt = max(0, exchanged + earned - money.owed)
    held = min(held_back_of(payee, currency, batch.as_of.astimezone(dt.UTC).date()), beyond_debt)
    pk = uuid7()
    return Payout(
        id=pk,
        batch=batch,
        performer_id=destination.performer_id,
        studio_id=destination.studio_id,
        destination=destination,
        provider_account=batch.provider_account,
        currency_id=currency,
        amount=exchanged + earned - money.owed - held,
        tokens=count,
        token_value=token_value if count else None,
        exchanged=exchanged,
        earned=earned,
        set_off_tokens=tokens.owed if count else 0,
        set_off=money.owed,
        held_back=held,
        reference=f"VBL{pk.hex[-12:].upper()}",
    )


def _items(payout: Payout, earning_ids: list[UUID]) -> None:
    with connection.cursor() as cursor:
        cursor.execute(ITEMS, [payout.pk, earning_ids])
        if cursor.rowcount != len(earning_ids):
            raise PayoutRefused("Some of these earnings are not there any more. Try again.")


def _not_usable(destination: PayoutDestination) -> str:
    if destination.status != "active":
        return f"The destination is not in use: {destination.get_status_display().lower()}."
    since = f"{destination.usable_from:%Y-%m-%d %H:%M} UTC"
    return f"The destination was changed lately: nothing is paid there before {since}."


def _too_little(amount: int, least: int, currency: str) -> str:
    had = money_text(max(0, amount), currency)
    return f"{had} can be paid, and at least {money_text(least, currency)} is paid at once."
