"""Pictures that wait for a moderator, and those decided about."""

from typing import Any

from django.contrib import admin
from django.db.models import Q, QuerySet
from django.http import HttpRequest
from django.urls import reverse

from accounts.admin.filters import PersonFilter
from accounts.admin.links import colleague, person_link
from accounts.choices import MediaStatus
from accounts.models import ProfileMedia, User
from accounts.services.profile_media import media_approve, media_reject
from core.admin.actions import ConfirmedAction
from core.admin.filters import DefaultChoiceFilter
from core.admin.home import HomeCard, register_card
from core.admin.keyset import KeysetChangeList
from core.admin.models import ReadOnlyAdmin
from core.admin.sections import Section
from core.admin.site import backoffice
from core.db.asking import CountUpTo
from core.db.roles import Role


class OldestFirst(KeysetChangeList):
    """A queue: who came first is served first."""

    order = ("pk",)
    order_words = "oldest first"
    pager_words = ("Oldest", "Older", "Newer")


class StatusFilter(DefaultChoiceFilter):
    """What waits, unless something else is asked for."""

    title = "status"
    parameter_name = "status"
    default_label = MediaStatus.PENDING.label

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, str]]:
        decided = [
            (status.value, status.label) for status in MediaStatus if status is not MediaStatus.PENDING
        ]
        return [*decided, ("all", "All")]

    def queryset(self, request: HttpRequest, queryset: QuerySet) -> QuerySet:
        if self.value() == "all":
            return queryset
        return queryset.filter(status=self.value() or MediaStatus.PENDING)


@admin.register(ProfileMedia, site=backoffice)
class ProfileMediaAdmin(ReadOnlyAdmin):
    """The queue of pictures: approve or reject, the oldest first."""

    section = Section.MODERATION
    list_display = ("what", "person", "status", "media_type", "pixels", "created_at")
    list_filter = (StatusFilter, "kind", PersonFilter)
    list_select_related = ("user", "decided_by")
    search_fields = ("user__handle__exact",)
    search_help_text = "A handle, or the id of a picture."
    fields = (
        "person",
        "kind",
        "status",
        "media_type",
        "pixels",
        "size_bytes",
        "object_key",
        "fingerprint",
        "position",
        "created_at",
        "decided",
        "decided_at",
        "decision_reason",
        "id",
        "version",
    )
    readonly_fields = ("person", "pixels", "fingerprint", "decided")
    actions = (
        ConfirmedAction(
            "approve",
            media_approve,
            "accounts.decide_profilemedia",
            words="Approve",
            explain=lambda media: (
                f"Everybody sees this picture of {media.user}. An avatar or cover takes the place of the one shown."
            ),
            done="The picture is shown.",
            available=lambda media: media.status == MediaStatus.PENDING,
            bulk=True,
            id_kwarg="profile_media_id",
        ),
        ConfirmedAction(
            "reject",
            media_reject,
            "accounts.decide_profilemedia",
            words="Reject",
            explain=lambda media: f"Nobody sees this picture of {media.user} any more.",
            done="The picture is not shown.",
            dangerous=True,
            available=lambda media: media.status in (MediaStatus.PENDING, MediaStatus.APPROVED),
            bulk=True,
            id_kwarg="profile_media_id",
        ),
    )

    def get_changelist(self, request: HttpRequest, **kwargs: Any) -> type[KeysetChangeList]:
        return OldestFirst

    def get_search_results(
        self, request: HttpRequest, queryset: QuerySet, search_term: str
    ) -> tuple[QuerySet, bool]:
        """A whole handle, by its index; anything else is an id or nothing."""
        people = list(User.objects.with_handle(search_term.strip()).values_list("pk", flat=True))
        if people:
            return queryset.filter(Q(user_id__in=people)), False
        return super().get_search_results(request, queryset, search_term)

    @admin.display(description="What")
    def what(self, media: ProfileMedia) -> str:
        return media.get_kind_display()

    @admin.display(description="Person")
    def person(self, media: ProfileMedia) -> str:
        return person_link(media.user)

    @admin.display(description="Pixels")
    def pixels(self, media: ProfileMedia) -> str:
        return f"{media.width} × {media.height}"  # noqa: RUF001

    @admin.display(description="SHA-256")
    def fingerprint(self, media: ProfileMedia) -> str:
        return bytes(media.sha256).hex()

    @admin.display(description="Decided by")
    def decided(self, media: ProfileMedia) -> str:
        return colleague(media.decided_by) if media.decided_by else "–"


register_card(
    HomeCard(
        section=Section.MODERATION,
        title="Pictures waiting",
        roles=(Role.MODERATOR, Role.LEAD_MODERATOR),
        count=lambda limit: CountUpTo(ProfileMedia.objects.waiting(), limit),
        url=lambda: reverse("admin:accounts_profilemedia_changelist"),
        words="Nobody sees them until somebody approves them.",
    )
)
