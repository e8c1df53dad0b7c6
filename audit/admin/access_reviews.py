"""Access reviews: reviews by due date, and the grants that administrators keep or withdraw."""

from collections.abc import Iterator
from typing import Any

from django.contrib import admin
from django.db.models import Q, QuerySet
from django.http import HttpRequest
from django.urls import reverse

from accounts.admin.filters import user_named
from accounts.admin.links import colleague, person_link
from accounts.admin.profile_media import OldestFirst
from accounts.models import RoleGrant, User
from audit.access_review_choices import ReviewStatus
from audit.admin.deadlines import DeadlineFilter, changelist_of
from audit.admin.takedown_words import distance, instant
from audit.models import AccessReview, AccessReviewItem
from audit.services.access_reviews import (
    access_review_close,
    access_review_item_keep,
    access_review_item_withdraw,
)
from core.admin.actions import ConfirmedAction
from core.admin.filters import DefaultChoiceFilter, exact
from core.admin.home import HomeCard, register_card
from core.admin.keyset import KeysetChangeList
from core.admin.models import ReadOnlyAdmin
from core.admin.panels import Panel
from core.admin.search import HITS, Hit, SearchProvider, register_search
from core.admin.sections import Section
from core.admin.site import backoffice
from core.db.asking import CountUpTo
from core.db.roles import Role

READERS = (Role.COMPLIANCE, Role.AUDITOR, Role.ADMINISTRATOR)
REVIEWS = "admin:audit_accessreview_changelist"
ITEMS = "admin:audit_accessreviewitem_changelist"
DECIDE = "audit.decide_accessreviewitem"


def review_url(review: Any) -> str:
    """The page of a review."""
    return reverse("admin:audit_accessreview_change", args=[review.pk])


def item_url(item: Any) -> str:
    """The page of a grant under review."""
    return reverse("admin:audit_accessreviewitem_change", args=[item.pk])


def used(item: AccessReviewItem) -> str:
    """When the role was last used, as at the cut-off."""
    return instant(item.last_used_at) if item.last_used_at else "not within a year"


class ReviewClockFilter(DeadlineFilter):
    """Reviews that are open."""

    waiting = (ReviewStatus.OPEN,)


class VerdictFilter(DefaultChoiceFilter):
    """What waits for a decision, unless something else is asked for."""

    title = "decision"
    parameter_name = "decided"
    default_label = "Undecided"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, str]]:
        return [("keep", "Kept"), ("withdraw", "Withdrawn"), ("ended", "Ended before"), ("all", "All")]

    def queryset(self, request: HttpRequest, queryset: QuerySet) -> QuerySet:
        if self.value() == "all":
            return queryset
        return (
            queryset.filter(verdict=self.value()) if self.value() else queryset.filter(verdict__isnull=True)
        )


HolderFilter = exact(
    "holder",
    "holder",
    find=lambda text: Q(holder_id=user_named(text)),
    help="A handle, or the id of a person.",
)
GRANT_COLUMNS: tuple[tuple[str, Any], ...] = (
    ("Holder", lambda item: str(item.holder)),
    ("Role", "role"),
    ("Granted (UTC)", lambda item: instant(item.granted_at)),
    ("Last used (UTC)", used),
    ("Decision", lambda item: item.get_verdict_display() or "undecided"),
    ("By", lambda item: colleague(item.decided_by) if item.decided_by_id else "–"),
)


@admin.register(AccessReview, site=backoffice)
class AccessReviewAdmin(ReadOnlyAdmin):
    """The review of each quarter: what is due first stands first."""

    section = Section.COMPLIANCE
    list_display = ("name", "status", "clock", "item_count", "cut_off", "closed")
    list_filter = (ReviewClockFilter, "status")
    list_select_related = ("opened_by", "closed_by")
    search_fields = ("name__exact",)
    search_help_text = "A quarter as in 2026-Q4, or the id of a review."
    fields = (
        "name",
        "status",
        "clock",
        "cut_off",
        "due_at",
        "item_count",
        "left",
        "opened",
        "closed",
        "closed_at",
        "id",
        "version",
    )
    readonly_fields = ("clock", "left", "opened", "closed")
    panels = (
        Panel(
            title="Grants under review",
            columns=GRANT_COLUMNS,
            rows=lambda review: (
                review.items.select_related("holder", "decided_by").order_by("verdict", "pk").reverse()
            ),
            permission="audit.view_accessreviewitem",
            url=item_url,
            limit=20,
            all_url=lambda review: f"{reverse(ITEMS)}?decided=all&review={review.pk}",
            empty="Nobody held a role.",
            words="What is undecided stands first.",
        ),
    )
    actions = (
        ConfirmedAction(
            "close",
            access_review_close,
            "audit.close_accessreview",
            words="Sign off",
            explain="Everything is decided, and you decided none of it. A closed review never changes.",
            done="Signed off: {obj}.",
            available=lambda review: review.status == ReviewStatus.OPEN,
            id_kwarg="review_id",
        ),
    )

    def get_changelist(self, request: HttpRequest, **kwargs: Any) -> type[KeysetChangeList]:
        """A queue while it shows what is open; the newest first otherwise."""
        return changelist_of(request)

    @admin.display(description="Clock")
    def clock(self, review: AccessReview) -> str:
        return f"Due {distance(review.due_at)}" if review.status == ReviewStatus.OPEN else "–"

    @admin.display(description="Undecided")
    def left(self, review: AccessReview) -> str:
        return str(review.items.undecided().count())

    @admin.display(description="Opened by")
    def opened(self, review: AccessReview) -> str:
        return colleague(review.opened_by)

    @admin.display(description="Signed off by")
    def closed(self, review: AccessReview) -> str:
        return colleague(review.closed_by) if review.closed_by_id else "–"


@admin.register(AccessReviewItem, site=backoffice)
class AccessReviewItemAdmin(ReadOnlyAdmin):
    """Grants of roles under review. Nobody decides about their own."""

    section = Section.COMPLIANCE
    list_display = (
        "what",
        "holder_link",
        "review",
        "granted_at",
        "granted",
        "used_words",
        "decision",
        "decider",
    )
    list_filter = (
        VerdictFilter,
        "role",
        HolderFilter,
        exact("review", "review (id)", lookup="review_id"),
    )
    list_select_related = ("holder", "review", "granted_by", "decided_by")
    search_fields = ("holder__handle__exact",)
    search_help_text = "A whole handle or quarter, or the id of a grant under review or a person."
    fields = (
        "what",
        "holder_link",
        "review",
        "granted_at",
        "granted_until",
        "granted",
        "used_words",
        "decision",
        "decider",
        "decided_at",
        "reason",
        "id",
        "version",
    )
    readonly_fields = ("what", "holder_link", "granted", "used_words", "decision", "decider")
    actions = (
        ConfirmedAction(
            "keep",
            access_review_item_keep,
            DECIDE,
            words="Keep",
            explain=lambda item: f"{item.holder} still needs the role {item.get_role_display()}.",
            done="Kept: {obj}.",
            available=lambda item: item.verdict is None,
            bulk=True,
            id_kwarg="item_id",
        ),
        ConfirmedAction(
            "withdraw",
            access_review_item_withdraw,
            DECIDE,
            words="Withdraw",
            explain=lambda item: f"{item.holder} loses the role {item.get_role_display()} at the next click.",
            done="Withdrawn: {obj}.",
            dangerous=True,
            available=lambda item: item.verdict is None,
            id_kwarg="item_id",
        ),
    )

    def get_changelist(self, request: HttpRequest, **kwargs: Any) -> type[KeysetChangeList]:
        """A queue while it shows what is undecided; the newest first otherwise."""
        return KeysetChangeList if request.GET.get("decided") else OldestFirst

    def get_search_results(
        self, request: HttpRequest, queryset: QuerySet, search_term: str
    ) -> tuple[QuerySet, bool]:
        """A person, a quarter or an id."""
        term = search_term.strip()
        if not term:
            return queryset, False
        found, _ = super().get_search_results(request, queryset, term)
        people = list(User.objects.with_handle(term).values_list("pk", flat=True)[:1])
        wider = queryset.filter(Q(holder_id__in=people) | Q(review__name=term.upper()))
        return found | wider, False

    @admin.display(description="Role")
    def what(self, item: AccessReviewItem) -> str:
        return item.get_role_display()

    @admin.display(description="Holder")
    def holder_link(self, item: AccessReviewItem) -> str:
        return person_link(item.holder)

    @admin.display(description="Granted by")
    def granted(self, item: AccessReviewItem) -> str:
        return colleague(item.granted_by)

    @admin.display(description="Last used (UTC)")
    def used_words(self, item: AccessReviewItem) -> str:
        return used(item)

    @admin.display(description="Decision")
    def decision(self, item: AccessReviewItem) -> str:
        return item.get_verdict_display() or "undecided"

    @admin.display(description="Decided by")
    def decider(self, item: AccessReviewItem) -> str:
        return colleague(item.decided_by) if item.decided_by_id else "–"


def _of_row(rows: Any) -> Panel:
    return Panel(
        title="Access reviews",
        columns=(("Review", lambda item: item.review.name), *GRANT_COLUMNS[1:]),
        rows=rows,
        permission="audit.view_accessreviewitem",
        url=item_url,
        empty="No review has looked at it yet.",
    )


backoffice.add_panel(
    RoleGrant,
    _of_row(
        lambda grant: (
            AccessReviewItem.objects.filter(grant_id=grant.pk)
            .select_related("review", "decided_by")
            .order_by("-pk")
        )
    ),
)


def find_reviews(query: str) -> Iterator[Hit]:
    """A review by its quarter; the grants of a person by handle."""
    term = query.strip()
    for review in AccessReview.objects.filter(name=term.upper())[:1]:
        yield Hit(title=review.name, url=review_url(review), words=review.get_status_display(), exact=True)
    people = list(User.objects.with_handle(term).values_list("pk", flat=True)[:1])
    items = AccessReviewItem.objects.filter(holder_id__in=people).select_related("holder", "review")
    for item in items.order_by("-pk")[:HITS] if people else ():
        yield Hit(title=str(item), url=item_url(item), words=item.review.name)


register_search(SearchProvider("Access reviews", READERS, find_reviews, hint="quarter of an access review"))
register_card(
    HomeCard(
        section=Section.COMPLIANCE,
        title="Roles to recertify",
        roles=(Role.ADMINISTRATOR,),
        count=lambda limit: CountUpTo(AccessReviewItem.objects.undecided(), limit),
        url=lambda: reverse(ITEMS),
        words="Keep or withdraw each; a colleague decides about yours.",
    )
)
register_card(
    HomeCard(
        section=Section.COMPLIANCE,
        title="Access reviews overdue",
        roles=READERS,
        count=lambda limit: CountUpTo(AccessReview.objects.overdue(), limit),
        url=lambda: f"{reverse(REVIEWS)}?clock=overdue",
        words="Administrators decide what is left, then compliance signs off.",
    )
)
