"""Favourites, reactions and shares: what people like, as rooms."""

from typing import Any

from django.contrib import admin

from accounts.admin.filters import PersonFilter
from accounts.admin.links import person_link
from core.admin.filters import TimeFilter, exact
from core.admin.models import ReadOnlyAdmin
from core.admin.sections import Section
from core.admin.site import backoffice
from core.models.identity import uuid7_instant
from engagement.admin.tie_words import EMPTY, subject_link, when
from engagement.models import Favourite, Reaction, Share
from performers.admin.links import PerformerFilter, performer_link


class _OfPersonAdmin(ReadOnlyAdmin):
    """What the three have in common: who, and when."""

    section = Section.PEOPLE

    @admin.display(description="Who")
    def who(self, row: Any) -> Any:
        return person_link(row.user)

    @admin.display(description="Whose")
    def whose(self, row: Any) -> Any:
        return performer_link(row.performer) if row.performer_id else EMPTY


@admin.register(Favourite, site=backoffice)
class FavouriteAdmin(_OfPersonAdmin):
    """What people keep to find again."""

    list_display = ("who", "what", "whose", "since")
    list_select_related = ("user", "performer", "archive", "category")
    list_filter = (PersonFilter, PerformerFilter, TimeFilter)
    fields = ("who", "what", "whose", "since", "id")
    readonly_fields = ("who", "what", "whose", "since")

    @admin.display(description="Favourite")
    def what(self, row: Favourite) -> str:
        if row.category_id:
            return f"Category {row.category}"
        return f"Archive {row.archive}" if row.archive_id else "The performer"

    @admin.display(description="Since (UTC)")
    def since(self, row: Favourite) -> str:
        return when(row.created_at)


@admin.register(Reaction, site=backoffice)
class ReactionAdmin(_OfPersonAdmin):
    """Who reacted to what; found by person or performer and time."""

    list_display = ("kind", "who", "what", "whose", "created_at")
    list_select_related = ("user", "performer")
    list_filter = (PersonFilter, PerformerFilter, TimeFilter)
    fields = ("kind", "who", "what", "whose", "created_at", "id")
    readonly_fields = ("who", "what", "whose")

    @admin.display(description="To")
    def what(self, row: Reaction) -> str:
        return subject_link(row.target_type, row.target)


@admin.register(Share, site=backoffice)
class ShareAdmin(_OfPersonAdmin):
    """Who passed on what, by what way."""

    list_display = ("who", "what", "whose", "channel", "made")
    list_select_related = ("user", "performer", "stream", "archive")
    list_filter = (PersonFilter, PerformerFilter, exact("link", "end of the link"), TimeFilter)
    fields = ("who", "what", "whose", "channel", "link", "made", "id")
    readonly_fields = ("who", "what", "whose", "made")

    @admin.display(description="Passed on")
    def what(self, row: Share) -> str:
        if row.stream_id:
            return f"Stream {row.stream}"
        return f"Archive {row.archive}" if row.archive_id else "The performer"

    @admin.display(description="Made (UTC)")
    def made(self, row: Share) -> str:
        return when(uuid7_instant(row.pk))
