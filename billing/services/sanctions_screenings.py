"""Screenings against lists of sanctions, and what compliance decides about whom they found."""

from uuid import UUID

from django.db import connection, transaction

from accounts.models import User
from billing.announcements import sanctions_match_decided, sanctions_screened
from billing.errors import ScreeningRefused
from billing.models import SanctionsScreening
from billing.reconciliation_choices import SanctionsList, ScreeningOutcome
from core.db.context import acting
from core.db.locking import NotThere
from core.db.refusals import refused_as
from core.db.roles import Role
from core.encryption import Purpose, keys_for
from core.encryption.reveal import Revealed, reveal


@transaction.atomic
def sanctions_screening_record(
    *,
    sanctions_list: SanctionsList | str,
    list_version: str,
    actor: User,
    user_id: UUID | None = None,
    studio_id: UUID | None = None,
    hit: str = "",
) -> SanctionsScreening:
    """Record that a person or studio was screened; `hit` is what the list says about whom it found, sealed at once.

    A hit is a possible match, which bars payouts until it is decided. The caller acts as compliance. Raises:
    ScreeningRefused (oneself, both or neither, no such list). Announces: `sanctions_screened`.
    """
    if (user_id is None) == (studio_id is None):
        raise ScreeningRefused("Screen a person or a studio, one of them.")
    if user_id is not None and str(user_id) == str(actor.pk):
        raise ScreeningRefused("Nobody screens themselves. Ask a colleague.")
    if sanctions_list not in SanctionsList.values:
        raise ScreeningRefused("There is no such list.")
    screening = SanctionsScreening(
        user_id=user_id,
        studio_id=studio_id,
        list=sanctions_list,
        list_version=list_version.strip(),
        outcome=ScreeningOutcome.POSSIBLE if hit.strip() else ScreeningOutcome.CLEAR,
        hit=hit.strip() or None,
        screened_by=actor,
    )
    with (
        acting(Role.COMPLIANCE, user_id=actor.pk),
        keys_for(Purpose.STORE, actor=actor, reason="sanctions_screening_record"),
        refused_as(ScreeningRefused),
    ):
        screening.save(force_insert=True)
    sanctions_screened.send(
        sender=SanctionsScreening, actor=actor, subject=screening, detail={"list": str(sanctions_list)}
    )
    return screening


@transaction.atomic
def sanctions_match_decide(
    *, sanctions_screening_id: UUID, is_the_listed: bool, actor: User, reason: str
) -> SanctionsScreening:
    """Decide whether a possible match is the listed person or company. A confirmed one bars payouts.

    The decision is a row of its own, made once. The caller acts as compliance. Raises: ScreeningRefused (no possible
    match, decided already, about oneself, no reason), NotThere. Announces: `sanctions_match_decided`.
    """
    if not reason.strip():
        raise ScreeningRefused("Say how you know. Write a reason.")
    with acting(Role.COMPLIANCE, user_id=actor.pk):
        found = SanctionsScreening.objects.defer("hit").filter(pk=sanctions_screening_id).first()
        if found is None:
            raise NotThere("There is no such screening, or it is about yourself.")
        if found.outcome != ScreeningOutcome.POSSIBLE:
            raise ScreeningRefused("Only a possible match is decided.")
        decision = SanctionsScreening(
            user_id=found.user_id,
            studio_id=found.studio_id,
            list=found.list,
            list_version=found.list_version,
            outcome=ScreeningOutcome.CONFIRMED if is_the_listed else ScreeningOutcome.FALSE_MATCH,
            decides=found,
            reason=reason.strip(),
            screened_by=actor,
        )
        with refused_as(ScreeningRefused):
            decision.save(force_insert=True)
    sanctions_match_decided.send(
        sender=SanctionsScreening, actor=actor, subject=decision, detail={"decides": str(found.pk)}
    )
    return decision


def sanctions_hit_reveal(
    *, sanctions_screening_id: UUID, actor: User, reason: str, case_reference: str = ""
) -> Revealed:
    """Open what a list says about whom it found, recorded and once.

    Whose data was read: the person, of a studio the officer who screened it, so that a colleague reads it.
    Raises: NotThere, RevealRefused, KeyMissing (a process without the private key). Announces: `data_revealed`.
    """
    found = SanctionsScreening.objects.filter(pk=sanctions_screening_id, hit__isnull=False).first()
    if found is None:
        raise NotThere("There is no such screening that found somebody, or it is about yourself.")
    return reveal(
        subject=found,
        fields=["hit"],
        person_id=found.user_id or found.screened_by_id,
        actor=actor,
        reason=reason,
        case_reference=case_reference,
    )


def payout_barred(*, performer_id: UUID | None = None, studio_id: UUID | None = None) -> bool:
    """Whether nothing may be paid out to them; why, compliance alone knows. As the worker or compliance."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT billing_payout_barred(%s::uuid, %s::uuid)", [performer_id, studio_id])
        return bool(cursor.fetchone()[0])
