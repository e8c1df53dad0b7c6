"""What was agreed with a studio: which share applies to whom of its performers, in one view."""

import datetime as dt
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from uuid import UUID

from django.db.models import Q

from billing.allocation import WHOLE
from billing.models import RevenueShareRule
from billing.services.revenue_share import Share
from billing.wallet_choices import SpendKind, SplitParty
from performers.models import StudioMembership

MOST_MEMBERS = 200
"""Members of one page; a studio with more is read in the list of memberships."""


@dataclass(frozen=True)
class Terms:
    """The share that applies to one performer of a studio, for one kind of spend (None: for any other)."""

    rule: RevenueShareRule
    parts: Mapping[SplitParty, int]
    """Of 10,000 basis points, rounded once."""


@dataclass(frozen=True)
class Member:
    """A performer who belongs to the studio, and the terms for each kind that differs."""

    membership: StudioMembership
    terms: Sequence[tuple[str, Terms]]


@dataclass(frozen=True)
class Agreement:
    """Rules and members of a studio as of an instant. `general` applies to a member without a rule of her own."""

    general: Sequence[tuple[str, RevenueShareRule]]
    members: Sequence[Member]
    is_cut: bool


def studio_agreement(studio_id: UUID, at: dt.datetime) -> Agreement:
    """The agreement with a studio at an instant (UTC); two queries, whatever the number of members."""
    memberships = list(
        StudioMembership.objects.at(at)
        .filter(studio_id=studio_id)
        .select_related("performer")
        .order_by("-pk")[: MOST_MEMBERS + 1]
    )
    is_cut, memberships = len(memberships) > MOST_MEMBERS, memberships[:MOST_MEMBERS]
    performers = [membership.performer_id for membership in memberships]
    rules = list(
        RevenueShareRule.objects.at(at).filter(
            Q(performer__isnull=True, studio__isnull=True)
            | Q(studio_id=studio_id)
            | Q(performer_id__in=performers)
        )
    )
    return Agreement(
        general=_different([(kind, _chosen(rules, None, kind)) for kind in (None, *SpendKind)]),
        members=[_member(membership, rules) for membership in memberships],
        is_cut=is_cut,
    )


def _chosen(
    rules: Sequence[RevenueShareRule], performer_id: UUID | None, kind: str | None
) -> RevenueShareRule | None:
    """The most special rule, by the order of `revenue_share.rules_for`: whose it is, then for what."""

    def rank(rule: RevenueShareRule) -> tuple[int, bool]:
        whose = 0 if rule.performer_id else 1 if rule.studio_id else 2
        return whose, rule.kind is None

    fitting = [
        rule for rule in rules if rule.performer_id in (None, performer_id) and rule.kind in (None, kind)
    ]
    return min(fitting, key=rank, default=None)


def _different(
    chosen: Sequence[tuple[str | None, RevenueShareRule | None]],
) -> list[tuple[str, RevenueShareRule]]:
    """The rule for everything, then those of kinds for which another one applies."""
    everything = chosen[0][1]
    found = []
    for kind, rule in chosen:
        if rule is not None and (kind is None or rule != everything):
            found.append(("Everything" if kind is None else SpendKind(kind).label, rule))
    return found


def _member(membership: StudioMembership, rules: Sequence[RevenueShareRule]) -> Member:
    chosen = [(kind, _chosen(rules, membership.performer_id, kind)) for kind in (None, *SpendKind)]
    share: Decimal = membership.studio_share
    return Member(
        membership,
        [
            (
                words,
                Terms(rule, Share(rule, membership.performer_id, membership.studio_id, share).parts(WHOLE)),
            )
            for words, rule in _different(chosen)
        ],
    )
