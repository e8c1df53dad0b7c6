"""Raids: who sent viewers to whom."""

from typing import Any

from django.contrib import admin
from django.db.models import Q

from core.admin.actions import ConfirmedAction
from core.admin.filters import TimeFilter, exact
from core.admin.models import ReadOnlyAdmin
from core.admin.sections import Section
from core.admin.site import backoffice
from engagement.interaction_choices import RaidStatus
from engagement.models import Raid
from engagement.services.raids import raid_cancel
from performers.admin.links import PerformerFilter, performer_link, performer_named

TargetFilter = exact(
    "target",
    "raided performer",
    find=lambda text: Q(target_id=performer_named(text)),
    help="An address (slug), a handle or an id.",
)


@admin.register(Raid, site=backoffice)
class RaidAdmin(ReadOnlyAdmin):
    """Raids, announced and carried out."""

    section = Section.CATALOGUE
    list_display = ("of_whom", "to_whom", "status", "viewers", "created_at", "executed_at")
    list_filter = ("status", PerformerFilter, TargetFilter, TimeFilter)
    list_select_related = ("performer", "target")
    fields = (
        "of_whom",
        "stream",
        "to_whom",
        "target_stream",
        "status",
        "viewers",
        "created_at",
        "executed_at",
        "version",
        "id",
    )
    readonly_fields = ("of_whom", "to_whom")
    actions = (
        ConfirmedAction(
            "cancel",
            raid_cancel,
            permission="engagement.cancel_raid",
            words="Cancel the raid",
            explain="The viewers are not sent.",
            done="Cancelled: {obj}.",
            dangerous=True,
            available=lambda raid: raid.status == RaidStatus.ANNOUNCED,
        ),
    )

    @admin.display(description="From")
    def of_whom(self, raid: Raid) -> Any:
        return performer_link(raid.performer)

    @admin.display(description="To")
    def to_whom(self, raid: Raid) -> Any:
        return performer_link(raid.target)
