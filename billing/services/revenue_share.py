"""Which share applies, and how it is changed."""

import datetime as dt
from collections.abc import Mapping
from dataclasses import dataclass
from decimal import Decimal
from typing import Any
from uuid import UUID

from django.db import transaction
from django.db.backends.postgresql.psycopg_any import DateTimeTZRange
from django.db.models import Case, F, IntegerField, Q, QuerySet, Value, When
from django.db.models.functions import Lower

from accounts.models import User
from billing.allocation import WHOLE, allocate
from billing.errors import RevenueShareRefused
from billing.models import RevenueShareRule
from billing.wallet_announcements import revenue_share_ended, revenue_share_set
from billing.wallet_choices import SpendKind, SplitParty
from core.db.clock import database_now
from core.db.locking import locked
from core.db.refusals import refused_as
from performers.models import StudioMembership

FINE = 10**10
"""Shares of studios have ten decimal places."""


@dataclass(frozen=True)
class Share:
    """The rule for a performer and a kind of spend, with her studio's part, as of an instant."""

    rule: RevenueShareRule
    performer_id: UUID
    studio_id: UUID | None
    studio_share: Decimal

    def parts(self, base: int) -> Mapping[SplitParty, int]:
        """The base shared out in one step, so that it is rounded once; whoever gets nothing is left out."""
        studio = int(self.studio_share * FINE)
        weights = [
            self.rule.performer_points * (FINE - studio),
            self.rule.performer_points * studio,
            self.rule.platform_points * FINE,
        ]
        shared = zip(SplitParty, allocate(base, weights), strict=True)
        return {party: amount for party, amount in shared if amount}


def rules_for(performer_id: UUID, studio_id: UUID | None, kind: SpendKind | str, at: dt.datetime) -> QuerySet:
    """The rules that hold for a spend at an instant, the most special one first."""
    scope = Q(performer_id=performer_id) | Q(performer__isnull=True, studio__isnull=True)
    if studio_id is not None:
        scope |= Q(studio_id=studio_id)
    rank = Case(
        When(performer__isnull=False, then=Value(0)),
        When(studio__isnull=False, then=Value(1)),
        default=Value(2),
        output_field=IntegerField(),
    )
    return (
        RevenueShareRule.objects.at(at)
        .filter(scope, Q(kind=kind) | Q(kind__isnull=True))
        .order_by(rank, F("kind").asc(nulls_last=True))
    )


def share_of(*, performer_id: UUID, kind: SpendKind | str, at: dt.datetime) -> Share:
    """Who gets what of a spend on this performer at this instant (UTC). Two queries, as the worker.

    Raises RevenueShareRefused where no rule holds.
    """
    membership = (
        StudioMembership.objects.at(at)
        .filter(performer_id=performer_id)
        .values_list("studio_id", "studio_share")
        .first()
    )
    studio_id, studio_share = membership or (None, Decimal(0))
    rule = rules_for(performer_id, studio_id, kind, at).first()
    if rule is None:
        raise RevenueShareRefused("No revenue share is in force for this. Finance has to set one.")
    return Share(rule, performer_id, studio_id, studio_share)


@transaction.atomic
def revenue_share_rule_set(
    *,
    performer_points: int,
    actor: User | None,
    reason: str,
    performer_id: UUID | None = None,
    studio_id: UUID | None = None,
    kind: SpendKind | str | None = None,
    starts_at: dt.datetime | None = None,
    platform_points: int | None = None,
) -> RevenueShareRule:
    """Let a share hold from `starts_at` on (UTC, default: now); the one before it for the same ends then.

    The platform gets what is left of 10,000 basis points; where `platform_points` are said, they are exactly that.
    What was shared out before stays as it is. Locks: the rules for the same. Raises: RevenueShareRefused (parts that
    make no sense, in the past, for oneself, no reason). Announces: `revenue_share_set`.
    """
    now = database_now()
    start = starts_at or now
    if start < now:
        raise RevenueShareRefused("A share is set for the future: what was shared out stays as it is.")
    if type(performer_points) is not int or not 0 <= performer_points <= WHOLE:
        raise RevenueShareRefused(f"The performer's side gets 0 to {WHOLE:,} basis points.")
    if platform_points is not None and performer_points + platform_points != WHOLE:
        raise RevenueShareRefused(
            f"The parts sum to {performer_points + platform_points:,} basis points and not to {WHOLE:,}. "
            "Nothing was changed."
        )
    if not reason.strip():
        raise RevenueShareRefused("Say why the share changes. Write a reason.")
    if actor is not None and performer_id is not None and str(actor.pk) == str(performer_id):
        raise RevenueShareRefused("Nobody sets their own share. Ask a colleague.")
    scope: dict[str, Any] = {"performer_id": performer_id, "studio_id": studio_id, "kind": kind or None}
    same = RevenueShareRule.objects.select_for_update().filter(
        Q(valid__endswith__isnull=True) | Q(valid__endswith__gt=start), **scope
    )
    until = None
    with refused_as(RevenueShareRefused):
        for rule in same.order_by(Lower("valid")):
            if rule.valid.lower > start:
                until = rule.valid.lower
                break
            if rule.valid.lower == start:
                raise RevenueShareRefused("Another share for the same begins at this instant already.")
            _end(rule, start, reason)
        rule = RevenueShareRule(
            performer_id=performer_id,
            studio_id=studio_id,
            kind=kind or None,
            performer_points=performer_points,
            platform_points=WHOLE - performer_points,
            valid=DateTimeTZRange(start, until, "[)"),
            set_by=actor,
        )
        rule._change_reason = reason  # type: ignore[attr-defined]
        rule.save(force_insert=True)
    revenue_share_set.send(
        sender=RevenueShareRule,
        actor=actor,
        subject=rule,
        reason=reason,
        detail={"performer_points": performer_points, "from": start.isoformat()},
    )
    return rule


@transaction.atomic
def revenue_share_rule_end(
    *, rule_id: UUID, actor: User | None, reason: str, expected_version: int | None = None
) -> RevenueShareRule:
    """End a special share now; the next general one applies.

    Locks: the rule. Raises: RevenueShareRefused (the share of everybody for everything, or it is over), NotThere,
    StaleVersion. Announces: `revenue_share_ended`.
    """
    rule = locked(RevenueShareRule, rule_id, expected_version=expected_version)
    now = database_now()
    if rule.performer_id is None and rule.studio_id is None and rule.kind is None:
        raise RevenueShareRefused(
            "Without the share of everybody nothing can be spent. Set another one instead."
        )
    if rule.valid.upper is not None and rule.valid.upper <= now:
        raise RevenueShareRefused("This share has ended already.")
    if rule.valid.lower >= now:
        raise RevenueShareRefused("This share has not begun yet. Set another one from then on.")
    with refused_as(RevenueShareRefused):
        _end(rule, now, reason)
    revenue_share_ended.send(
        sender=RevenueShareRule, actor=actor, subject=rule, reason=reason, changed=("valid",)
    )
    return rule


def _end(rule: RevenueShareRule, at: dt.datetime, reason: str) -> None:
    rule.end(at)
    rule._change_reason = reason  # type: ignore[attr-defined]
    rule.save(update_fields=["valid"])
