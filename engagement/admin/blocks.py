"""Blocks and mutes: rooms, and panels on the page of a person."""

from typing import Any

from django.contrib import admin

from accounts.admin.links import person_link
from accounts.models import User
from core.admin.filters import TimeFilter
from core.admin.models import ReadOnlyAdmin
from core.admin.panels import Panel
from core.admin.sections import Section
from core.admin.site import backoffice
from engagement.admin.tie_words import EMPTY, LastsFilter, list_of, page_of, person_filter, when
from engagement.models import Block, Mute


@admin.register(Block, site=backoffice)
class BlockAdmin(ReadOnlyAdmin):
    """Who blocked whom; nobody but the two and the staff who look after people learns of it."""

    section = Section.PEOPLE
    list_display = ("who", "whom", "since", "until")
    list_select_related = ("blocker", "blocked")
    list_filter = (
        person_filter("blocker", "who blocked"),
        person_filter("blocked", "who is blocked"),
        LastsFilter,
        TimeFilter,
    )
    fields = ("who", "whom", "since", "until", "id")
    readonly_fields = ("who", "whom", "since", "until")

    @admin.display(description="Who")
    def who(self, row: Block) -> Any:
        return person_link(row.blocker)

    @admin.display(description="Blocked")
    def whom(self, row: Block) -> Any:
        return person_link(row.blocked)

    @admin.display(description="Since (UTC)")
    def since(self, row: Block) -> str:
        return when(row.created_at)

    @admin.display(description="Until (UTC)")
    def until(self, row: Block) -> str:
        return when(row.ended_at)


@admin.register(Mute, site=backoffice)
class MuteAdmin(ReadOnlyAdmin):
    """What people do not want to hear of."""

    section = Section.PEOPLE
    list_display = ("who", "what", "since", "until")
    list_select_related = ("muter", "person", "category")
    list_filter = (
        person_filter("muter", "who mutes"),
        person_filter("person", "who is muted"),
        TimeFilter,
    )
    fields = ("who", "what", "since", "until", "id")
    readonly_fields = ("who", "what", "since", "until")

    @admin.display(description="Who")
    def who(self, row: Mute) -> Any:
        return person_link(row.muter)

    @admin.display(description="Mutes")
    def what(self, row: Mute) -> Any:
        return person_link(row.person) if row.person_id else f"Category {row.category}"

    @admin.display(description="Since (UTC)")
    def since(self, row: Mute) -> str:
        return when(row.created_at)

    @admin.display(description="Until (UTC)")
    def until(self, row: Mute) -> str:
        return when(row.expires_at) if row.expires_at else "no end"


backoffice.add_panel(
    User,
    Panel(
        title="Blocks",
        columns=(
            ("Person", lambda row: str(row.blocked)),
            ("Since (UTC)", lambda row: when(row.created_at)),
            ("Until (UTC)", lambda row: when(row.ended_at)),
        ),
        rows=lambda person: person.blocks.select_related("blocked").order_by("-pk"),
        permission="engagement.view_block",
        limit=5,
        url=page_of("block"),
        all_url=list_of("block", "blocker"),
        empty="Blocked nobody.",
    ),
)
backoffice.add_panel(
    User,
    Panel(
        title="Blocked by",
        columns=(
            ("Person", lambda row: str(row.blocker)),
            ("Since (UTC)", lambda row: when(row.created_at)),
            ("Until (UTC)", lambda row: when(row.ended_at) if row.ended_at else EMPTY),
        ),
        rows=lambda person: person.blocked_by.select_related("blocker").order_by("-pk"),
        permission="engagement.view_block",
        limit=5,
        url=page_of("block"),
        all_url=list_of("block", "blocked"),
        empty="Nobody blocked this person.",
        words="Many blocks by people who do not know one another say something.",
    ),
)
