"""What an earned token is worth: set for a time, never changed."""

import datetime as dt
from decimal import Decimal

from django.db import transaction
from django.db.backends.postgresql.psycopg_any import DateTimeTZRange

from accounts.models import User
from billing.errors import PayoutRefused
from billing.models import TokenValue
from billing.money import exponent_of
from billing.payout_announcements import token_value_set_to
from core.db.clock import database_now
from core.db.refusals import refused_as


@transaction.atomic
def token_value_set(
    *,
    currency: str,
    per_token: Decimal,
    actor: User | None,
    reason: str,
    starts_at: dt.datetime | None = None,
) -> TokenValue:
    """Set how many minor units of `currency` an earned token is worth, from now on or from a later instant.

    The value before it ends then. The caller acts as finance approver; with `actor` None as the worker, for the first
    value only. Locks: the value before. Raises: PayoutRefused (in the past, no value, tokens),
    MoneyRefused (no such currency). Announces: `token_value_set`.
    """
    exponent_of(currency)
    if not per_token.is_finite():
        raise PayoutRefused("What a token is worth is a number.")
    now = database_now()
    since = starts_at or now
    if since < now:
        raise PayoutRefused("A value is set from now on, or from a later day on; the past stays as it was.")
    holding = TokenValue.objects.filter(currency_id=currency, valid__contains=since)
    # The worker changes no value, and locks none.
    before = (holding.select_for_update() if actor else holding).first()
    if before is not None and actor is None:
        raise PayoutRefused("There is a value already. Another one is set by a finance approver.")
    with refused_as(PayoutRefused):
        if before is not None:
            before.end(since)
            before.save(update_fields=["valid"])
        value = TokenValue.objects.create(
            currency_id=currency,
            per_token=per_token,
            valid=DateTimeTZRange(since, None, "[)"),
            set_by=actor,
            reason=reason.strip(),
        )
    token_value_set_to.send(
        sender=TokenValue,
        actor=actor,
        subject=value,
        reason=reason,
        detail={"currency": currency, "per_token": str(per_token)},
    )
    return value


def token_value_at(currency: str, at: dt.datetime) -> TokenValue | None:
    """The value that holds at an instant; None: none was set."""
    return TokenValue.objects.filter(currency_id=currency).at(at).first()
