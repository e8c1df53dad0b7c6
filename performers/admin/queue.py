"""The queue of compliance: what waits longest comes first, page by page."""

from typing import Any

from django.contrib import admin
from django.db.models import Model, OuterRef, Q, QuerySet, Subquery
from django.db.models.functions import Now
from django.http import HttpRequest
from django.utils import timezone

from core.admin.keyset import AFTER, Cursor, KeysetChangeList
from performers.models import IdentityRecord, PerformerProfile
from performers.selectors_admission import WARNED_AHEAD

APPLICATIONS, RENEWALS = "applications", "renewals"
SINCE = {APPLICATIONS: "submitted_at", RENEWALS: "renewal_submitted_at"}
"""Since when each waits."""

READS_IDENTITY = "performers.view_identityrecord"


class WaitingFilter(admin.SimpleListFilter):
    """What waits for an examination."""

    title = "what waits"
    parameter_name = "waiting"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, str]]:
        return [(APPLICATIONS, "Applications"), (RENEWALS, "New documents of the verified")]

    def queryset(self, request: HttpRequest, queryset: QuerySet) -> QuerySet:
        if self.value() == APPLICATIONS:
            return queryset.filter(status="submitted")
        if self.value() == RENEWALS:
            return queryset.filter(renewal_submitted_at__isnull=False)
        return queryset


class DocumentsFilter(admin.SimpleListFilter):
    """Whose documents have expired, or are about to; for those who read identity records."""

    title = "documents"
    parameter_name = "documents"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, str]]:
        if not request.user.has_perm(READS_IDENTITY):
            return []
        return [("expired", "Expired"), ("due", f"Due within {WARNED_AHEAD.days} days")]

    def queryset(self, request: HttpRequest, queryset: QuerySet) -> QuerySet:
        current = IdentityRecord.objects.current()
        if self.value() == "expired":
            current = current.filter(documents_until__lte=Now())
        elif self.value() == "due":
            current = current.filter(
                documents_until__gt=Now(), documents_until__lte=timezone.now() + WARNED_AHEAD
            )
        else:
            return queryset
        return queryset.filter(pk__in=current.values("performer_id"))


def with_documents_until(queryset: QuerySet) -> QuerySet:
    """Each performer with `documents_until`: when the documents of the current record run out."""
    current = IdentityRecord.objects.filter(performer_id=OuterRef("pk"), verdict="accepted").order_by("-pk")
    return queryset.annotate(documents_until=Subquery(current.values("documents_until")[:1]))


class Queue(KeysetChangeList):
    """Newest first; what waits, the longest waiting first, by the time of submission and then the key."""

    @property
    def _since(self) -> str | None:
        asked = self.params.get("waiting") or self.filter_params.get("waiting") or [""]
        return SINCE.get(asked if isinstance(asked, str) else asked[-1])

    def get_ordering(self, request: HttpRequest, queryset: QuerySet) -> Any:
        return [self._since, "pk"] if self._since else super().get_ordering(request, queryset)

    def _page(self, cursor: Cursor | None) -> tuple[list[Model], bool, bool]:
        """The rows of a page in the order of the queue; whether there are earlier ones; whether later ones."""
        since = self._since
        if since is None:
            return super()._page(cursor)
        size = self.list_per_page
        place = (
            cursor and PerformerProfile.objects.filter(pk=cursor.key).values_list(since, flat=True).first()
        )
        if cursor is None or place is None:
            rows = list(self.queryset[: size + 1])
            return rows[:size], False, len(rows) > size
        if cursor.side == AFTER:
            later = Q(**{f"{since}__gt": place}) | Q(**{since: place, "pk__gt": cursor.key})
            rows = list(self.queryset.filter(later)[: size + 1])
            return rows[:size], True, len(rows) > size
        earlier = Q(**{f"{since}__lt": place}) | Q(**{since: place, "pk__lt": cursor.key})
        rows = list(self.queryset.filter(earlier).order_by(f"-{since}", "-pk")[: size + 1])
        return rows[:size][::-1], len(rows) > size, True
