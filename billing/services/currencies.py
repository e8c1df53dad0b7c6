"""Reference data that finance keeps: withdrawn currencies, what providers make of them, and their decline codes."""

import datetime as dt
from uuid import UUID

from django.db import transaction

from accounts.models import User
from billing.announcements import currency_withdrawn, decline_code_mapped, provider_currency_changed
from billing.catalogue_choices import UnifiedDecline
from billing.errors import ReferenceRefused
from billing.models import Currency, DeclineCode, ProviderCurrency
from core.db.locking import locked
from core.db.refusals import refused_as


@transaction.atomic
def currency_withdraw(
    *,
    currency_id: UUID,
    withdrawn_on: dt.date | None,
    actor: User,
    reason: str,
    expected_version: int | None = None,
) -> Currency:
    """Say from which day on a currency is no legal tender (None: it is); no new price is set in it then.

    Locks: the currency. Raises: ReferenceRefused, NotThere, StaleVersion. Announces: `currency_withdrawn`.
    """
    currency = locked(Currency, currency_id, expected_version=expected_version)
    currency.withdrawn_on = withdrawn_on
    currency._change_reason = reason  # type: ignore[attr-defined]
    with refused_as(ReferenceRefused):
        currency.save(update_fields=["withdrawn_on"])
    currency_withdrawn.send(
        sender=Currency, actor=actor, subject=currency, reason=reason, changed=("withdrawn_on",)
    )
    return currency


@transaction.atomic
def provider_currency_bound(
    *,
    provider_currency_id: UUID,
    step: int,
    minimum: int | None,
    maximum: int | None,
    actor: User,
    reason: str,
    expected_version: int | None = None,
) -> ProviderCurrency:
    """Change which amounts a provider takes, in its own minor units. How it counts is never changed.

    Locks: the row. Raises: ReferenceRefused, NotThere, StaleVersion. Announces: `provider_currency_changed`.
    """
    row = locked(ProviderCurrency, provider_currency_id, expected_version=expected_version)
    row.step, row.minimum, row.maximum = step, minimum, maximum
    columns = ("step", "minimum", "maximum")
    row._change_reason = reason  # type: ignore[attr-defined]
    with refused_as(ReferenceRefused):
        row.save(update_fields=columns)
    provider_currency_changed.send(
        sender=ProviderCurrency, actor=actor, subject=row, reason=reason, changed=columns
    )
    return row


@transaction.atomic
def decline_code_map(
    *,
    decline_code_id: UUID,
    unified: UnifiedDecline | str,
    words: str,
    actor: User,
    reason: str,
    expected_version: int | None = None,
) -> DeclineCode:
    """Say what a provider's decline code means. Locks: the code.

    Raises: ReferenceRefused, NotThere, StaleVersion. Announces: `decline_code_mapped`.
    """
    code = locked(DeclineCode, decline_code_id, expected_version=expected_version)
    code.unified, code.words = unified, words.strip()
    columns = ("unified", "words")
    code._change_reason = reason  # type: ignore[attr-defined]
    with refused_as(ReferenceRefused):
        code.save(update_fields=columns)
    decline_code_mapped.send(sender=DeclineCode, actor=actor, subject=code, reason=reason, changed=columns)
    return code
