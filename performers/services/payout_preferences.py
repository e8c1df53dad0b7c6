"""How a performer wants to be paid; where the money goes is billing's."""

from uuid import UUID

import pycountry
from django.db import transaction

from accounts.models import User
from core.db.refusals import refused_as
from performers.announcements import payout_preference_changed
from performers.choices import PayoutSchedule
from performers.errors import SettingsRefused
from performers.models import PayoutPreference
from performers.models.payout_preference import MOST_MINIMUM
from performers.services.calendars import announce

SET = ["schedule", "minimum", "currency"]


@transaction.atomic
def payout_preference_set(
    *, performer_id: UUID, schedule: PayoutSchedule | str, minimum: int, currency: str, actor: User | None
) -> PayoutPreference:
    """Set how often a performer is paid, and from how many minor units of the currency (ISO 4217) on.

    Raises: SettingsRefused (no such currency or schedule, a sum out of bounds). Announces: `payout_preference_changed`.
    """
    if currency != currency.upper() or pycountry.currencies.get(alpha_3=currency) is None:
        raise SettingsRefused(
            f"{currency[:20]!r} is no currency of ISO 4217. Write three capital letters, such as EUR."
        )
    if not 1 <= minimum <= MOST_MINIMUM:
        raise SettingsRefused(f"The least sum lies between 1 and {MOST_MINIMUM} minor units.")
    preference = PayoutPreference(
        performer_id=performer_id, schedule=schedule, minimum=minimum, currency=currency
    )
    with refused_as(SettingsRefused):
        PayoutPreference.objects.bulk_create(
            [preference], update_conflicts=True, unique_fields=["performer"], update_fields=SET
        )
    announce(
        payout_preference_changed,
        performer_id=performer_id,
        actor=actor,
        sender=PayoutPreference,
        changed=SET,
    )
    return PayoutPreference.objects.get(performer_id=performer_id)
