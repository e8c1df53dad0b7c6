"""The queue of held messages: a list, and a page on which one key decides and leads to the next."""

from typing import Any
from uuid import UUID

from django.contrib import admin
from django.contrib import messages as notes
from django.core.exceptions import PermissionDenied
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.template.response import TemplateResponse
from django.urls import URLPattern, path, reverse

from accounts.admin.links import colleague
from accounts.admin.profile_media import OldestFirst
from accounts.models import User
from core.admin.actions import ConfirmedAction
from core.admin.confirmation import all_or_nothing
from core.admin.filters import DefaultChoiceFilter, TimeFilter
from core.admin.home import HomeCard, register_card
from core.admin.keyset import KeysetChangeList
from core.admin.models import ReadOnlyAdmin
from core.admin.sections import Section
from core.admin.site import backoffice
from core.db.asking import CountUpTo
from core.db.roles import Role
from core.errors import Refused
from engagement.admin.chat_words import (
    RoomFilter,
    SenderFilter,
    conversation_url,
    room_link,
    second,
    sender_link,
)
from engagement.chat_choices import HeldStatus
from engagement.chat_selectors import messages_around
from engagement.models import ChatMessage, HeldMessage
from engagement.services.held_messages import held_message_approve, held_message_refuse

DECIDE = "engagement.decide_heldmessage"
DECISIONS = {"approve": held_message_approve, "refuse": held_message_refuse}


class StatusFilter(DefaultChoiceFilter):
    """What waits, unless something else is asked for."""

    title = "status"
    parameter_name = "status"
    default_label = HeldStatus.PENDING.label

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, str]]:
        others = [(item.value, item.label) for item in HeldStatus if item is not HeldStatus.PENDING]
        return [*others, ("all", "All")]

    def queryset(self, request: HttpRequest, queryset: QuerySet) -> QuerySet:
        if self.value() == "all":
            return queryset
        return queryset.filter(status=self.value() or HeldStatus.PENDING)


def _waits(held: HeldMessage) -> bool:
    return held.status == HeldStatus.PENDING


@admin.register(HeldMessage, site=backoffice)
class HeldMessageAdmin(ReadOnlyAdmin):
    """What automatic moderation held; what waits longest comes first."""

    section = Section.MODERATION
    change_list_template = "admin/engagement/heldmessage/change_list.html"
    list_display = ("words", "matched", "reason", "who", "where", "created_at", "expires_at", "status")
    list_filter = (StatusFilter, "reason", SenderFilter, RoomFilter, TimeFilter)
    list_select_related = ("sender", "room__stream", "term", "decided_by", "performer")
    fields = (
        "words",
        "matched",
        "term",
        "reason",
        "who",
        "where",
        "performer",
        "status",
        "decider",
        "decided_at",
        "created_at",
        "expires_at",
        "id",
        "version",
    )
    readonly_fields = ("words", "who", "where", "decider")
    actions = (
        ConfirmedAction(
            "approve",
            held_message_approve,
            DECIDE,
            words="Approve",
            explain="Everybody in the room reads it from then on.",
            done="Approved.",
            available=_waits,
            bulk=True,
            reason=False,
            id_kwarg="held_id",
        ),
        ConfirmedAction(
            "refuse",
            held_message_refuse,
            DECIDE,
            words="Refuse",
            explain="Nobody in the room ever reads it.",
            done="Refused.",
            available=_waits,
            bulk=True,
            reason=False,
            id_kwarg="held_id",
        ),
    )

    def get_changelist(self, request: HttpRequest, **kwargs: Any) -> type[KeysetChangeList]:
        """A queue while it shows what waits; the newest first otherwise."""
        return OldestFirst if request.GET.get("status", "") in ("", HeldStatus.PENDING) else KeysetChangeList

    def get_queryset(self, request: HttpRequest) -> QuerySet:
        """With the messages themselves, in one query more: they are partitioned and have no foreign key."""
        return super().get_queryset(request).prefetch_related("message")

    @admin.display(description="Message")
    def words(self, held: HeldMessage) -> str:
        try:
            return held.message.body
        except ChatMessage.DoesNotExist:
            return "gone with its time"

    @admin.display(description="From")
    def who(self, held: HeldMessage) -> str:
        return sender_link(held.sender)

    @admin.display(description="Room")
    def where(self, held: HeldMessage) -> str:
        return room_link(held.room)

    @admin.display(description="Decided by")
    def decider(self, held: HeldMessage) -> str:
        return colleague(held.decided_by) if held.decided_at else "–"

    def get_urls(self) -> list[URLPattern]:
        guard = self.admin_site.admin_view
        return [
            path("review/", guard(self.review), name="engagement_heldmessage_review"),
            path(
                "<uuid:object_id>/review/<slug:decision>/",
                guard(self.decide),
                name="engagement_heldmessage_decide",
            ),
            *super().get_urls(),
        ]

    def review(self, request: HttpRequest) -> HttpResponse:
        """What waits longest, with what was said around it. One key approves, one refuses, one passes it over."""
        if not request.user.has_perm(DECIDE):
            raise PermissionDenied
        rows = (
            HeldMessage.objects.filter(status=HeldStatus.PENDING)
            .exclude(sender=request.user.pk)
            .select_related("sender", "room__stream", "term")
            .order_by("pk")
        )
        after = _key(request.GET.get("after", ""))
        held = rows.filter(pk__gt=after).first() if after else rows.first()
        message = ChatMessage.objects.filter(pk=held.message_id).first() if held else None
        lines = messages_around(message=message, before=8, after=4) if message else []
        return TemplateResponse(
            request,
            "admin/engagement/heldmessage/review.html",
            {
                **self.admin_site.each_context(request),
                "title": "Held messages: review",
                "opts": self.opts,
                "held": held,
                "message": message,
                "lines": lines,
                "waited": second(held.created_at) if held else "",
                "conversation": conversation_url(held.room_id, f"?around={held.message_id}") if held else "",
                "queue": reverse("admin:engagement_heldmessage_changelist"),
            },
        )

    def decide(self, request: HttpRequest, object_id: UUID, decision: str) -> HttpResponse:
        """Carry out one decision, and go on with the next message. The version is that of the page."""
        if not request.user.has_perm(DECIDE) or decision not in DECISIONS:
            raise PermissionDenied
        onward = reverse("admin:engagement_heldmessage_review")
        if request.method != "POST":
            return HttpResponseRedirect(onward)
        version = request.POST.get("version", "")
        try:
            with all_or_nothing():
                DECISIONS[decision](
                    held_id=object_id,
                    actor=_actor(request),
                    expected_version=int(version) if version.isdecimal() and len(version) < 10 else None,
                )
        except Refused as refusal:
            notes.error(request, str(refusal))
        else:
            notes.success(request, "Approved." if decision == "approve" else "Refused.")
        return HttpResponseRedirect(onward)


def _actor(request: HttpRequest) -> User:
    """Who acts: these pages are open to nobody else."""
    if not isinstance(request.user, User):
        raise PermissionDenied
    return request.user


def _key(text: str) -> UUID | None:
    try:
        return UUID(text)
    except ValueError:
        return None


register_card(
    HomeCard(
        section=Section.MODERATION,
        title="Held messages",
        roles=(Role.MODERATOR, Role.LEAD_MODERATOR),
        count=lambda limit: CountUpTo(HeldMessage.objects.filter(status=HeldStatus.PENDING), limit),
        url=lambda: reverse("admin:engagement_heldmessage_review"),
        words="Nobody reads them until somebody approves them; a day later they are gone.",
    )
)
