"""Everything that staff look at before they decide on a case, in few queries.

What belongs to the case and to its person comes with the case, as arrays of one query: each part is short, and each is
read under the policies of the acting role. Reports, evidence, decisions, wordings and history are one query each.
"""

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from django.contrib.postgres.expressions import ArraySubquery
from django.db.models import Count, F, IntegerField, OuterRef, QuerySet, Subquery, Sum
from django.db.models.functions import Coalesce, JSONObject, Now

from accounts.models import AccountFlag, Restriction
from audit.models import (
    ActionProposal,
    Appeal,
    Case,
    CaseEvent,
    CasePresence,
    CaseSkip,
    Decision,
    DecisionEffect,
    Evidence,
    PolicyVersion,
    Report,
    Strike,
)
from audit.moderation_choices import ProposalStatus, ReportStatus

LOOKING = timedelta(seconds=90)
"""Somebody whose page was open so lately still looks at the case: the page tells every 30 seconds."""

NEWEST_REPORTS = 25
NEWEST_EVENTS = 100
NEWEST_DECISIONS = 15
NEWEST_OTHERS = 10
NEWEST_STRIKES = 20


def _listed(rows: QuerySet, limit: int, **columns: str) -> ArraySubquery:
    """The first rows as an array of objects; columns are named by their paths."""
    made = JSONObject(**{name: F(path) for name, path in columns.items()})
    return ArraySubquery(rows.values(made=made)[:limit])


def looking_now(case: Any) -> QuerySet[CasePresence]:
    """Who has the page of the case open at this moment."""
    return CasePresence.objects.filter(case=case, seen_at__gt=Now() - LOOKING).order_by("seen_at")


def _dossier() -> dict[str, Any]:
    """What is known of the person of the outer case."""
    person = OuterRef("person_id")
    strikes = Strike.objects.filter(person=person)
    in_force = strikes.filter(revoked_at__isnull=True, expires_at__gt=Now()).order_by()
    return {
        "restrictions": _listed(
            Restriction.objects.in_force().filter(user=person).order_by("-pk"),
            NEWEST_OTHERS,
            id="id",
            kind="kind",
            since="valid__startswith",
            until="valid__endswith",
            reason="reason",
        ),
        "flags": _listed(
            AccountFlag.objects.open().filter(user=person).order_by("-pk"),
            NEWEST_OTHERS,
            id="id",
            kind="kind",
            source="source",
        ),
        "strikes": _listed(
            strikes.order_by("-pk"),
            NEWEST_STRIKES,
            points="points",
            issued="issued_at",
            expires="expires_at",
            revoked="revoked_at",
            case="decision__case_id",
            reference="decision__case__reference",
        ),
        "points_in_force": Coalesce(
            Subquery(in_force.values("person").annotate(total=Sum("points")).values("total")),
            0,
            output_field=IntegerField(),
        ),
        "other_cases": _listed(
            Case.objects.filter(person=person).exclude(pk=OuterRef("pk")).order_by("-pk"),
            NEWEST_OTHERS,
            id="id",
            reference="reference",
            kind="subject_kind",
            status="status",
            reported="first_reported_at",
            categories="categories",
        ),
    }


def _work(reader_id: UUID) -> dict[str, Any]:
    """Who is at work on the outer case, what is proposed, and by whom it was reported."""
    case = OuterRef("pk")
    reports = Report.objects.filter(case=case).values("category", "source").annotate(number=Count("pk"))
    skips = CaseSkip.objects.filter(case=case, moderator=reader_id, until__gt=Now())
    return {
        "groups": _listed(
            reports.order_by("-number", "category", "source"),
            50,
            category="category",
            source="source",
            number="number",
        ),
        "proposals": _listed(
            ActionProposal.objects.filter(case=case, status=ProposalStatus.OPEN).order_by("pk"),
            NEWEST_OTHERS,
            id="id",
            action="action",
            points="points",
            lasts="lasts",
        ),
        "looking": _listed(
            looking_now(case).exclude(moderator=reader_id),
            NEWEST_OTHERS,
            handle="moderator__handle",
            seen="seen_at",
        ),
        "skipped_until": Subquery(skips.values("until")[:1]),
    }


def case_with_dossier(case_id: UUID, *, reader_id: UUID) -> Case | None:
    """The case with its queue, person and holder, and as lists of objects what is known of the person.

    One query. Instants within the lists are texts in ISO 8601. None where there is none, or none for this role.
    """
    found = Case.objects.select_related("person", "queue", "claimed_by").filter(pk=case_id)
    return found.annotate(**_dossier(), **_work(reader_id)).first()


def _made_by_reporter(status: ReportStatus) -> Coalesce:
    """How many reports of the outer report's reporter ended so."""
    made = Report.objects.filter(reporter=OuterRef("reporter_id"), status=status).order_by()
    return Coalesce(Subquery(made.values("reporter").annotate(number=Count("pk")).values("number")), 0)


def reports_of_case(case: Case) -> list[Report]:
    """The newest reports, each with how many of its reporter's were upheld and rejected. One query."""
    return list(
        Report.objects.filter(case=case)
        .select_related("reporter")
        .annotate(
            reporter_upheld=_made_by_reporter(ReportStatus.UPHELD),
            reporter_rejected=_made_by_reporter(ReportStatus.REJECTED),
        )
        .order_by("-pk")[:NEWEST_REPORTS]
    )


def evidence_of_case(case: Case) -> list[Evidence]:
    """What was copied, in the order in which it was. One query."""
    return list(
        Evidence.objects.filter(case=case).select_related("captured_by").order_by("captured_at", "pk")
    )


def decisions_for_case(case: Case) -> list[Decision]:
    """The newest decisions on the case and about its person, with effects and appeals. One query."""
    effects = DecisionEffect.objects.filter(decision=OuterRef("pk")).order_by("pk")
    appeals = Appeal.objects.filter(decision=OuterRef("pk")).order_by("pk")
    return list(
        Decision.objects.filter(person=case.person_id)
        .select_related("case", "policy_version", "decided_by", "statement", "reversed_by")
        .annotate(
            effect_rows=_listed(
                effects,
                20,
                kind="kind",
                target="target_kind",
                ends="ends_at",
                result="result",
                undone="undone_by__result",
            ),
            appeal_rows=_listed(appeals, 20, id="id", side="side", status="status", filed="filed_at"),
        )
        .order_by("-pk")[:NEWEST_DECISIONS]
    )


def events_of_case(case: Case) -> list[CaseEvent]:
    """What happened to the case and what was noted, the newest first. One query."""
    return list(CaseEvent.objects.filter(case=case).select_related("actor").order_by("-pk")[:NEWEST_EVENTS])


def published_wordings() -> list[PolicyVersion]:
    """Every published version, by policy and from the newest on. One query."""
    return list(
        PolicyVersion.objects.published()
        .select_related("policy", "policy__parent")
        .order_by("policy__code", "-effective_at")
    )


def wordings_at(versions: Sequence[PolicyVersion], instant: datetime) -> dict[UUID, PolicyVersion]:
    """The version of each policy that held at an instant, out of all of them."""
    found: dict[UUID, PolicyVersion] = {}
    for version in versions:
        if version.effective_at is not None and version.effective_at <= instant:
            found.setdefault(version.policy_id, version)
    return found
