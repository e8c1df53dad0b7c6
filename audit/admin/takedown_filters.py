"""Filters of notices and counter-notices, and the searches by reference, name and id."""

from datetime import timedelta
from typing import Any
from uuid import UUID

from django.core.exceptions import ValidationError
from django.db.models import Q, QuerySet
from django.db.models.functions import Now
from django.http import HttpRequest

from accounts.models import User
from audit.models import TakedownTarget
from core.admin.filters import DefaultChoiceFilter, exact
from core.db.constraints import without_case
from performers.models import PerformerProfile

SOON = timedelta(days=2)


def performers_named(text: str) -> list[UUID]:
    """The performers with this stage name, slug, handle or id; exactly, letter case aside."""
    text = text.strip()
    try:
        return [UUID(text)]
    except ValueError:
        pass
    named = PerformerProfile.objects.alias(folded=without_case("stage_name")).filter(folded=text.lower())
    addressed = PerformerProfile.objects.filter(slug=text.lower())
    people = User.objects.with_handle(text)
    return sorted({key for rows in (named, addressed, people) for key in rows.values_list("pk", flat=True)})


def _about(text: str) -> Q:
    found = performers_named(text)
    if not found:
        raise ValidationError(f"No performer is called {text}.")
    return Q(pk__in=TakedownTarget.objects.filter(performer_id__in=found).values("notice_id"))


def _naming(text: str) -> Q:
    try:
        return Q(pk__in=TakedownTarget.objects.filter(subject_id=UUID(text.strip())).values("notice_id"))
    except ValueError:
        raise ValidationError("Give the id of an archive or a stream.") from None


PerformerFilter = exact(
    "performer", "performer", find=_about, help="A stage name, a slug, a handle or an id."
)
SubjectFilter = exact("subject", "archive or stream", find=_naming, help="The id on its page.")


class ClockFilter(DefaultChoiceFilter):
    """What waits, unless something else is asked for."""

    title = "clock"
    parameter_name = "clock"
    default_label = "Running"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, str]]:
        return [("overdue", "Overdue"), ("soon", "Due within 2 days"), ("all", "All")]

    def queryset(self, request: HttpRequest, queryset: QuerySet) -> QuerySet:
        if self.value() == "all":
            return queryset
        if self.value() == "overdue":
            return queryset.filter(due_at__lte=Now())
        if self.value() == "soon":
            return queryset.filter(due_at__gt=Now(), due_at__lte=Now() + SOON)
        return queryset.filter(due_at__isnull=False)


def is_queue(request: HttpRequest) -> bool:
    """Whether the list shows what waits, which is served in the order of receipt."""
    return request.GET.get("clock", "") != "all"
