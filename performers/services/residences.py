"""Countries of residence."""

import datetime as dt
from uuid import UUID

from django.db import transaction
from django.db.backends.postgresql.psycopg_any import DateTimeTZRange

from accounts.models import User
from core.db.clock import database_now
from core.db.locking import NotThere
from core.db.refusals import refused_as
from performers.announcements import residence_changed
from performers.errors import ResidenceRefused
from performers.models import PerformerProfile, PerformerResidence
from performers.services.admission import refuse_own
from performers.services.countries import country_check


@transaction.atomic
def residence_change(
    *,
    performer_id: UUID,
    country: str,
    actor: User | None,
    since: dt.datetime | None = None,
    reason: str = "",
) -> PerformerResidence:
    """Note that a performer lives in a country since `since` (UTC; None: now); the former residence ends then.

    The performer says so herself, or compliance does after an examination; the same country again changes nothing.
    Locks: the residence in force. Raises: ResidenceRefused (unknown country, a time before the present residence began
    or in the future), OwnAdmission, NotThere. Announces: `residence_changed` unless nothing changed.
    """
    code = country_check(country, ResidenceRefused)
    profile = PerformerProfile.objects.select_related("user").filter(pk=performer_id).first()
    if profile is None:
        raise NotThere("There is no such performer, or your role may not see them.")
    if reason:
        refuse_own(profile, actor)
    now = database_now()
    start = since or now
    if start > now:
        raise ResidenceRefused("A residence is noted when it has begun, not before.")
    present = (
        PerformerResidence.objects.filter(performer_id=performer_id, valid__endswith__isnull=True)
        .select_for_update()
        .first()
    )
    if present is not None:
        if present.country == code:
            return present
        if start <= present.valid.lower:
            raise ResidenceRefused("The present residence began later than that. Give a later time.")
        present.end(start)
        with refused_as(ResidenceRefused):
            present.save(update_fields=["valid"])
    with refused_as(ResidenceRefused):
        residence = PerformerResidence.objects.create(
            performer=profile, country=code, valid=DateTimeTZRange(start, None, "[)")
        )
    residence_changed.send(
        sender=PerformerResidence, actor=actor, subject=profile.user, reason=reason, changed=("country",)
    )
    return residence
