"""Follows: a room, and panels on the pages of people and performers."""

from typing import Any

from django.contrib import admin

from accounts.admin.filters import PersonFilter
from accounts.admin.links import person_link
from accounts.models import User
from core.admin.filters import TimeFilter
from core.admin.models import ReadOnlyAdmin
from core.admin.panels import Panel
from core.admin.sections import Section
from core.admin.site import backoffice
from engagement.admin.tie_words import EMPTY, LastsFilter, list_of, page_of, when
from engagement.models import Follow
from performers.admin.links import PerformerFilter, performer_link
from performers.models import PerformerProfile


@admin.register(Follow, site=backoffice)
class FollowAdmin(ReadOnlyAdmin):
    """Who follows whom since when, and by what it ended."""

    section = Section.PEOPLE
    list_display = ("who", "whom", "notify", "since", "until", "end_cause")
    list_select_related = ("user", "performer")
    list_filter = (PersonFilter, PerformerFilter, LastsFilter, TimeFilter)
    fields = ("who", "whom", "notify", "since", "until", "end_cause", "id")
    readonly_fields = ("who", "whom", "since", "until")

    @admin.display(description="Who")
    def who(self, row: Follow) -> Any:
        return person_link(row.user)

    @admin.display(description="Follows")
    def whom(self, row: Follow) -> Any:
        return performer_link(row.performer)

    @admin.display(description="Since (UTC)")
    def since(self, row: Follow) -> str:
        return when(row.created_at)

    @admin.display(description="Until (UTC)")
    def until(self, row: Follow) -> str:
        return when(row.ended_at)


backoffice.add_panel(
    User,
    Panel(
        title="Follows",
        columns=(
            ("Performer", lambda row: str(row.performer)),
            ("Hears of", "notify"),
            ("Since (UTC)", lambda row: when(row.created_at)),
            ("Until (UTC)", lambda row: when(row.ended_at)),
            ("Ended", lambda row: row.get_end_cause_display() or EMPTY),
        ),
        rows=lambda person: person.follows.select_related("performer").order_by("-pk"),
        permission="engagement.view_follow",
        limit=5,
        url=page_of("follow"),
        all_url=list_of("follow", "user"),
        empty="Follows nobody.",
    ),
)
backoffice.add_panel(
    PerformerProfile,
    Panel(
        title="Followers",
        columns=(
            ("Person", lambda row: str(row.user)),
            ("Hears of", "notify"),
            ("Since (UTC)", lambda row: when(row.created_at)),
            ("Until (UTC)", lambda row: when(row.ended_at)),
        ),
        rows=lambda performer: performer.followers.select_related("user").order_by("-pk"),
        permission="engagement.view_follow",
        limit=5,
        url=page_of("follow"),
        all_url=list_of("follow", "performer"),
        empty="Nobody follows yet.",
        words="How many there are stands under Engagement.",
    ),
)
