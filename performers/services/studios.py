"""Studios, and the performers who belong to them."""

from decimal import Decimal
from uuid import UUID

from django.db import transaction
from django.db.backends.postgresql.psycopg_any import DateTimeTZRange

from accounts.models import User
from core.db.clock import database_now
from core.db.locking import NotThere, locked
from core.db.refusals import refused_as
from performers.announcements import studio_joined, studio_left, studio_registered
from performers.errors import StudioRefused
from performers.models import PerformerProfile, Studio, StudioMembership
from performers.regions import region_check
from performers.services.calendars import PLANS, announce


@transaction.atomic
def studio_register(
    *, name: str, legal_name: str, country: str, registration_number: str, actor: User | None
) -> Studio:
    """Record an agency. `country` is ISO 3166-1 alpha-2, where it is registered.

    Raises: UnknownRegion, StudioRefused (registered already, a text is malformed). Announces: `studio_registered`.
    """
    region_check(country)
    studio = Studio(
        name=name.strip(),
        legal_name=legal_name.strip(),
        country=country,
        registration_number=registration_number.strip(),
    )
    with refused_as(StudioRefused):
        studio.save(force_insert=True)
    studio_registered.send(sender=Studio, actor=actor, subject=studio, detail={"country": country})
    return studio


@transaction.atomic
def studio_join(
    *, studio_id: UUID, performer_id: UUID, studio_share: Decimal, actor: User | None, reason: str
) -> StudioMembership:
    """Let a performer belong to a studio from now on; `studio_share` of the performer's side goes to the studio.

    Another share is another membership: leave, and join again. What was earned before stays split as it was.
    Raises: NotThere, StudioRefused (own membership, not accepted, a share outside of 0 to 1, belongs to a studio
    already). Announces: `studio_joined`.
    """
    studio = Studio.objects.filter(pk=studio_id).first()
    performer = PerformerProfile.objects.filter(pk=performer_id).first()
    if studio is None or performer is None:
        raise NotThere("There is no such studio or performer, or your role may not see it.")
    _refuse_own(performer_id, actor)
    if performer.status not in PLANS:
        raise StudioRefused("A performer joins a studio once the application is accepted, and until leaving.")
    if not studio_share.is_finite() or not 0 <= studio_share <= 1:
        raise StudioRefused("A share lies between 0 and 1 (0.2: a fifth).")
    membership = StudioMembership(
        studio=studio,
        performer=performer,
        studio_share=studio_share,
        valid=DateTimeTZRange(database_now(), None, "[)"),
    )
    membership._change_reason = reason  # type: ignore[attr-defined]
    with refused_as(StudioRefused):
        membership.save(force_insert=True)
    announce(
        studio_joined,
        performer_id=performer_id,
        actor=actor,
        sender=StudioMembership,
        reason=reason,
        detail={"studio": str(studio.pk), "studio_share": f"{studio_share:f}"},
    )
    return membership


def _refuse_own(performer_id: UUID, actor: User | None) -> None:
    if actor is not None and actor.pk == performer_id:
        raise StudioRefused("Nobody decides about their own membership. Ask a colleague.")


@transaction.atomic
def studio_leave(
    *, studio_membership_id: UUID, actor: User | None, reason: str, expected_version: int | None = None
) -> StudioMembership:
    """End a membership now. Locks: the membership. Raises: NotThere, StaleVersion, StudioRefused (own, over already).

    Announces: `studio_left`.
    """
    membership = locked(StudioMembership, studio_membership_id, expected_version=expected_version)
    _refuse_own(membership.performer_id, actor)
    now = database_now()
    if not membership.is_in_force(now):
        raise StudioRefused("This membership is over already.")
    membership.end(now)
    membership._change_reason = reason  # type: ignore[attr-defined]
    with refused_as(StudioRefused):
        membership.save(update_fields=["valid"])
    announce(
        studio_left,
        performer_id=membership.performer_id,
        actor=actor,
        sender=StudioMembership,
        reason=reason,
        changed=("valid",),
        detail={"studio": str(membership.studio_id)},
    )
    return membership
