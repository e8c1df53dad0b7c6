"""Cases on the pages of people, profiles, streams and archives, with what was decided: one query a page."""

from typing import Any

from django.db.models import Count, Q, QuerySet, Sum
from django.db.models.functions import Now
from django.urls import reverse

from accounts.models import User
from audit.admin.moderation.words import category_words, due_words, state_words
from audit.models import Case
from audit.moderation_choices import SubjectKind
from core.admin.panels import Panel
from core.admin.site import backoffice
from engagement.models import ChatMessage, ChatRoom
from performers.models import PerformerProfile
from streams.models import Archive, Stream


def with_outcomes(cases: QuerySet) -> Any:
    """Cases with how many decisions stand on each, and how many points of strikes in force came of it."""
    standing = Q(decisions__reversed_by__isnull=True, decisions__reverses__isnull=True)
    counts = Q(decisions__strike__revoked_at__isnull=True, decisions__strike__expires_at__gt=Now())
    return cases.annotate(
        standing=Count("decisions", filter=standing, distinct=True),
        points=Sum("decisions__strike__points", filter=counts),
    ).order_by("-pk")


def _outcome(case: Any) -> str:
    decided = f"{case.standing} decision{'s' * (case.standing != 1)}" if case.standing else "none stands"
    return f"{decided}, {case.points} points in force" if case.points else decided


COLUMNS: Any = (
    ("Case", "reference"),
    ("About", "subject_kind"),
    ("What is said", category_words),
    ("Reports", "report_count"),
    ("Where it stands", state_words),
    ("Due", due_words),
    ("Decided", _outcome),
)


def _panel(rows: Any, all_url: Any = None) -> Panel:
    return Panel(
        title="Cases of moderation",
        columns=COLUMNS,
        rows=rows,
        permission="audit.view_case",
        url=lambda case: reverse("admin:audit_case_change", args=[case.pk]),
        all_url=all_url,
        empty="Nobody reported anything.",
    )


def _of_person(row: Any) -> str:
    return f"{reverse('admin:audit_case_changelist')}?status=all&person={row.pk}"


for model in (User, PerformerProfile):
    # The profile of a performer has the id of the person.
    backoffice.add_panel(
        model, _panel(lambda row: with_outcomes(Case.objects.filter(person=row.pk)), _of_person)
    )
backoffice.add_panel(
    Stream, _panel(lambda row: with_outcomes(Case.objects.about(SubjectKind.STREAM, row.pk)))
)
backoffice.add_panel(
    Archive, _panel(lambda row: with_outcomes(Case.objects.about(SubjectKind.ARCHIVE, row.pk)))
)
backoffice.add_panel(
    ChatRoom, _panel(lambda row: with_outcomes(Case.objects.about(SubjectKind.CHAT_ROOM, row.pk)))
)
backoffice.add_panel(
    ChatMessage, _panel(lambda row: with_outcomes(Case.objects.about(SubjectKind.CHAT_MESSAGE, row.pk)))
)
