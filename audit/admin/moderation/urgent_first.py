"""The list of cases: what waits, the most urgent first; everything else, the newest first."""

from typing import Any

from django.db.models import Prefetch, QuerySet
from django.db.models.functions import Now
from django.http import HttpRequest

from audit.admin.moderation.subject_titles import WithSubjects
from audit.models import CasePresence
from audit.selectors_case import LOOKING
from core.admin.keyset import KeysetChangeList


class CaseChangeList(WithSubjects):
    """The newest cases first."""

    def get_queryset(self, request: HttpRequest, exclude_parameters: Any = None) -> QuerySet:
        """With the colleagues who look at each case at this moment."""
        looking = CasePresence.objects.filter(seen_at__gt=Now() - LOOKING).exclude(moderator=request.user.pk)
        found = super().get_queryset(request, exclude_parameters)
        return found.prefetch_related(
            Prefetch(
                "presences", looking.select_related("moderator").order_by("seen_at"), to_attr="looking_now"
            )
        )


class UrgentFirst(CaseChangeList):
    """What waits: the highest priority first, then what is due first. Read by the index `audit_case_urgent_idx`."""

    order = ("-priority", "due_at", "pk")
    order_words = "the most urgent first"
    pager_words = ("Most urgent", "More urgent", "Less urgent")

    @property
    def extent(self) -> str:
        """The estimate of the table says nothing about what waits."""
        if not self.paged:
            return f"{self.result_count} waiting, {self.order_words}"
        return f"{self.result_count} on this page, {self.order_words}"


class DueFirst(KeysetChangeList):
    """Appeals that wait: what is due first comes first. Read by the index over `due_at` and the key."""

    order = ("due_at", "pk")
    order_words = "the longest waiting first"
    pager_words = ("First", "Earlier", "Later")
