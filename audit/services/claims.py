"""Claims: who works which case. A lease is a period; when it is over, the case is free without anybody's doing."""

from datetime import timedelta
from uuid import UUID

from django.db import transaction
from django.db.backends.postgresql.psycopg_any import DateTimeTZRange
from django.db.models import Exists, OuterRef
from django.db.models.functions import Now

from accounts.models import User
from audit.claim_triggers import LEASE_MINUTES
from audit.models import Case, CaseSkip, Claim, Queue
from audit.moderation_choices import CaseStatus, EscalationRoute
from audit.moderation_errors import CaseHeld, CaseNotHeld, CaseRefused, OwnCase
from core.db.clock import database_now
from core.db.context import current_role
from core.db.locking import locked
from core.db.refusals import refused_as
from core.db.roles import Role

LEASE = timedelta(minutes=LEASE_MINUTES)
LONGEST_SKIP = 24 * 14
"""Hours for which a case can be passed over."""

OTHERS_ROUTES = {
    Role.MODERATOR: (EscalationRoute.LEAD, EscalationRoute.LEGAL),
    Role.LEAD_MODERATOR: (EscalationRoute.LEGAL,),
}
"""Escalations that are for somebody else than the acting role."""


def waiting_for(*, actor: User, queue_code: str | None = None):  # type: ignore[no-untyped-def]
    """Cases that may be given to the actor now, in the order in which they are given."""
    cases = Case.objects.free().exclude(person=actor.pk)
    if queue_code is not None:
        # By its key, so that the index over a queue gives the order.
        cases = cases.filter(queue=Queue.objects.filter(code=queue_code).values_list("pk", flat=True).first())
    role = current_role()
    if role in OTHERS_ROUTES:
        cases = cases.exclude(escalation_route__in=OTHERS_ROUTES[role])
    if role == Role.COMPLIANCE:
        cases = cases.filter(escalation_route=EscalationRoute.LEGAL)
    skipped = CaseSkip.objects.filter(moderator=actor.pk, case=OuterRef("pk"), until__gt=Now())
    return cases.exclude(Exists(skipped))


@transaction.atomic
def claim_next(*, actor: User, queue_code: str | None = None) -> Case | None:
    """Give the actor the most urgent free case, of one queue or of all; None: there is none.

    What a colleague is being given at the same moment is passed over (SKIP LOCKED), so that nobody waits and nobody
    gets the same. Locks: the case. Raises: nothing.
    """
    case = (
        waiting_for(actor=actor, queue_code=queue_code)
        .select_for_update(of=("self",), skip_locked=True)
        .first()
    )
    if case is None:
        return None
    _take(case, actor)
    case.refresh_from_db()
    return case


@transaction.atomic
def case_claim(*, case_id: UUID, actor: User, expected_version: int | None = None) -> Claim:
    """Take a case that is free, or one's own again, for a quarter of an hour from now.

    Locks: the case. Raises: CaseHeld (by a colleague, named with the time until when), OwnCase, CaseRefused (decided,
    closed, escalated to others), NotThere, StaleVersion.
    """
    case = locked(Case, case_id, expected_version=expected_version)
    if case.person_id == actor.pk:
        raise OwnCase("Nobody works a case about themselves. Leave it to a colleague.")
    if (own := _own_claim(case, actor)) is not None:
        return _extend(own)
    if case.claimed_until is not None and case.claimed_until > database_now():
        raise CaseHeld(held_words(case))
    return _take(case, actor)


@transaction.atomic
def claim_renew(*, case_id: UUID, actor: User) -> Claim:
    """Hold one's case for another quarter of an hour from now on.

    Locks: the case. Raises: CaseNotHeld (the lease has run out, or it never was), CaseRefused, NotThere.
    """
    case = locked(Case, case_id)
    if (own := _own_claim(case, actor)) is None:
        raise CaseNotHeld("You do not hold this case any more. Claim it again if it is free.")
    return _extend(own)


@transaction.atomic
def claim_release(*, case_id: UUID, actor: User) -> Case:
    """Give one's case back, to wait where it waited. Locks: the case. Raises: CaseNotHeld, NotThere."""
    case = locked(Case, case_id)
    own = _own_claim(case, actor)
    if own is None:
        raise CaseNotHeld("You do not hold this case; there is nothing to release.")
    own.valid = DateTimeTZRange(own.valid.lower, database_now(), "[)")
    with refused_as(CaseRefused):
        own.save(update_fields=["valid"])
    case.refresh_from_db()
    return case


@transaction.atomic
def case_skip(*, case_id: UUID, actor: User, hours: int = 24, reason: str = "") -> CaseSkip:
    """Do not be given a case for a while; it is released if the actor holds it. Colleagues get it as before.

    Locks: the case. Raises: CaseRefused (hours out of range, a reason that is too long), NotThere.
    """
    if not 1 <= hours <= LONGEST_SKIP:
        raise CaseRefused(f"A case is passed over for 1 to {LONGEST_SKIP} hours.")
    case = locked(Case, case_id)
    if _own_claim(case, actor) is not None:
        claim_release(case_id=case.pk, actor=actor)
    values = {"until": database_now() + timedelta(hours=hours), "reason": reason.strip()}
    with refused_as(CaseRefused):
        skip, _ = CaseSkip.objects.update_or_create(case=case, moderator=actor, defaults=values)
    return skip


def claims_settle(*, batch: int = 200) -> int:
    """Let cases whose lease ran out say that they wait; returns how many. Run every minute as the worker.

    They are free already: this is for those who read the state alone. Cases that somebody holds a lock on are left for
    the next run.
    """
    with transaction.atomic():
        over = Case.objects.filter(status=CaseStatus.CLAIMED, claimed_until__lte=Now()).order_by("pk")
        found = list(over.select_for_update(skip_locked=True)[:batch])
        for case in found:
            case.status = free_status(case)
            case.save(update_fields=["status"])
    return len(found)


def free_status(case: Case) -> CaseStatus:
    """In which state a case waits when nobody holds it."""
    if case.escalated_at is not None:
        return CaseStatus.ESCALATED
    return CaseStatus.REOPENED if case.reopened_at is not None else CaseStatus.OPEN


def holds(*, case: Case, actor: User) -> bool:
    """Whether the actor holds the case at this moment, by the clock of the database."""
    return (
        case.claimed_by_id == actor.pk
        and case.claimed_until is not None
        and case.claimed_until > database_now()
    )


def held_words(case: Case) -> str:
    """Who holds a case and until when, for whoever cannot have it."""
    holder = User.objects.filter(pk=case.claimed_by_id).first()
    until = f"{case.claimed_until:%H:%M}" if case.claimed_until else ""
    return f"{holder or 'A colleague'} holds this case until {until} UTC, unless they go on with it or release it."


def _own_claim(case: Case, actor: User) -> Claim | None:
    if case.claimed_by_id != actor.pk or case.status != CaseStatus.CLAIMED:
        return None
    return Claim.objects.in_force().filter(case=case, moderator=actor).first()


def _take(case: Case, actor: User) -> Claim:
    now = database_now()
    claim = Claim(case=case, moderator=actor, valid=DateTimeTZRange(now, now + LEASE, "[)"))
    with refused_as(CaseRefused):
        claim.save(force_insert=True)
    claim.refresh_from_db()
    return claim


def _extend(claim: Claim) -> Claim:
    claim.valid = DateTimeTZRange(claim.valid.lower, database_now() + LEASE, "[)")
    with refused_as(CaseRefused):
        claim.save(update_fields=["valid"])
    claim.refresh_from_db()
    return claim
