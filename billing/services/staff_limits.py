"""What a member of staff may do with money alone."""

from dataclasses import dataclass
from datetime import UTC, datetime, time
from uuid import UUID

from django.db import transaction
from django.db.backends.postgresql.psycopg_any import DateTimeTZRange
from django.db.models import F, Q, Sum

from accounts.errors import OwnAccount
from accounts.models import User
from billing.announcements import staff_limit_set as announced
from billing.errors import LimitRefused
from billing.models import Refund, StaffLimit
from billing.payment_choices import LimitKind, RefundStatus
from core.db.clock import database_now
from core.db.locking import locked
from core.db.refusals import refused_as
from core.db.roles import STAFF_ROLES, Role
from core.models.identity import uuid7_floor


@dataclass(frozen=True, slots=True)
class Allowance:
    """The limit of somebody and what they used of it since midnight, UTC; in minor units. No limit: nothing alone."""

    per_item: int | None
    per_day: int | None
    used_today: int

    @property
    def left(self) -> int:
        """The most that one act may be about now."""
        if self.per_item is None or self.per_day is None:
            return 0
        return max(0, min(self.per_item, self.per_day - self.used_today))

    def covers(self, amount: int) -> bool:
        """Whether they may do it alone."""
        return amount <= self.left

    def as_json(self) -> dict[str, int | None]:
        """For the request for approval, which keeps what the limit was."""
        return {"per_item": self.per_item, "per_day": self.per_day, "used_today": self.used_today}


def allowance_of(*, person_id: UUID, role: Role, kind: LimitKind, currency: str) -> Allowance:
    """What the person may still do in this role: their own limit stands before that of the role. Two queries."""
    limit = (
        StaffLimit.objects.in_force()
        .filter(Q(person_id=person_id) | Q(role=role.value), kind=kind, currency_id=currency)
        .order_by(F("person").asc(nulls_last=True))
        .first()
    )
    midnight = datetime.combine(database_now().astimezone(UTC).date(), time.min, UTC)
    used = (
        Refund.objects.filter(
            requested_by_id=person_id,
            currency_id=currency,
            approval__isnull=True,
            pk__gte=uuid7_floor(midnight),
        )
        .exclude(status__in=(RefundStatus.FAILED, RefundStatus.CANCELLED))
        .aggregate(sum=Sum("amount"))["sum"]
    )
    return Allowance(
        per_item=limit.per_item if limit else None,
        per_day=limit.per_day if limit else None,
        used_today=used or 0,
    )


@transaction.atomic
def staff_limit_set(
    *,
    kind: LimitKind,
    currency: str,
    per_item: int,
    per_day: int,
    actor: User | None,
    reason: str,
    role: Role | str | None = None,
    person_id: UUID | None = None,
) -> StaffLimit:
    """Set the limit of a role or of a person from now on; the one before it ends. Nothing per day: nothing alone.

    Runs as the administrator; with `actor` None as the worker, for the first limit only. Locks: the limit before.
    Raises: OwnAccount, LimitRefused (both or neither of role and person, no role of staff, amounts that make no sense,
    no reason, the system and a limit that is there). Announces: `staff_limit_set`.
    """
    if actor is not None and person_id == actor.pk:
        raise OwnAccount("Nobody sets their own limit. Ask another administrator.")
    if (role is None) == (person_id is None):
        raise LimitRefused("A limit is for a role or for a person.")
    if role is not None and Role(role) not in STAFF_ROLES:
        raise LimitRefused(f"{Role(role).label} is not a role of staff.")
    holder = {"role": Role(role).value} if role is not None else {"person_id": person_id}
    now = database_now()
    before = (
        StaffLimit.objects.in_force()
        .filter(kind=kind, currency_id=currency, **holder)
        .values_list("pk", flat=True)
    ).first()
    if before is not None and actor is None:
        raise LimitRefused("There is a limit already. An administrator changes it in the back office.")
    if before is not None:
        limit = locked(StaffLimit, before)
        limit.end(now)
        limit._change_reason = reason  # type: ignore[attr-defined]
        limit.save(update_fields=["valid"])
    limit = StaffLimit(
        kind=LimitKind(kind),
        currency_id=currency,
        per_item=per_item,
        per_day=per_day,
        valid=DateTimeTZRange(now, None, "[)"),
        set_by=actor,
        reason=reason.strip(),
        **holder,
    )
    limit._change_reason = reason  # type: ignore[attr-defined]
    with refused_as(LimitRefused):
        limit.save(force_insert=True)
    announced.send(
        sender=StaffLimit,
        actor=actor,
        subject=limit,
        reason=reason,
        detail={"kind": limit.kind, "currency": currency, "per_item": per_item, "per_day": per_day},
    )
    return limit


@transaction.atomic
def staff_limit_change(
    *,
    stafflimit_id: UUID,
    per_item: int,
    per_day: int,
    actor: User,
    reason: str,
    expected_version: int | None = None,
) -> StaffLimit:
    """Replace a limit in force by another one of its holder. Raises as `staff_limit_set`; NotThere, StaleVersion."""
    limit = locked(StaffLimit, stafflimit_id, expected_version=expected_version)
    if not limit.is_in_force(database_now()):
        raise LimitRefused("This limit is over. Change the one that is in force.")
    return staff_limit_set(
        kind=LimitKind(limit.kind),
        currency=limit.currency_id,
        per_item=per_item,
        per_day=per_day,
        actor=actor,
        reason=reason,
        role=limit.role,
        person_id=limit.person_id,
    )
