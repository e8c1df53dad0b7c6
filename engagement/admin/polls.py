"""Polls of performers and their results; who voted is on no page."""

from typing import Any

from django.contrib import admin

from core.admin.actions import ConfirmedAction
from core.admin.filters import TimeFilter
from core.admin.models import ReadOnlyAdmin
from core.admin.panels import Panel
from core.admin.sections import Section
from core.admin.site import backoffice
from engagement.admin.interaction_words import EMPTY, number
from engagement.interaction_choices import PollStatus
from engagement.models import Poll
from engagement.services.polls import poll_cancel, poll_results
from performers.admin.links import PerformerFilter, performer_link


@admin.register(Poll, site=backoffice)
class PollAdmin(ReadOnlyAdmin):
    """Questions of performers, and what came of them."""

    section = Section.CATALOGUE
    list_display = ("question", "of_whom", "status", "most_choices", "closes_at", "closed_at")
    list_filter = ("status", PerformerFilter, TimeFilter)
    list_select_related = ("performer",)
    fields = (
        "question",
        "of_whom",
        "stream",
        "status",
        "most_choices",
        "result",
        "closes_at",
        "closed_at",
        "created_at",
        "version",
        "id",
    )
    readonly_fields = ("of_whom", "result")
    panels = (
        Panel(
            "Choices",
            columns=(
                ("Place", "position"),
                ("Choice", "label"),
                ("Votes at the end", lambda row: number(row.votes)),
            ),
            rows=lambda poll: poll.choices.order_by("position"),
            permission="engagement.view_pollchoice",
        ),
    )
    actions = (
        ConfirmedAction(
            "cancel",
            poll_cancel,
            permission="engagement.cancel_poll",
            words="Cancel the poll",
            explain="Nobody can vote any more, and there is no result.",
            done="Cancelled: {obj}.",
            dangerous=True,
            available=lambda poll: poll.status == PollStatus.OPEN,
        ),
    )

    @admin.display(description="Of")
    def of_whom(self, poll: Poll) -> Any:
        return performer_link(poll.performer)

    @admin.display(description="Votes so far, in the order of the choices")
    def result(self, poll: Poll) -> str:
        return " · ".join(number(votes) for votes in poll_results(poll_id=poll.pk).values()) or EMPTY
