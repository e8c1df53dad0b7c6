"""What staff do to a case with a reason: escalate, move, close, reopen."""

from typing import Any
from uuid import UUID

from django import forms

from audit.models import Queue
from audit.models.moderation.case import WAITING
from audit.moderation_choices import CaseStatus, EscalationRoute
from audit.services.cases import case_close, case_escalate, case_move_queue, case_reopen
from core.admin.actions import ConfirmedAction

WORK = "audit.work_case"


class RouteForm(forms.Form):
    """To whom."""

    route = forms.ChoiceField(
        choices=EscalationRoute,
        widget=forms.RadioSelect,
        initial=EscalationRoute.LEAD,
        label="To whom",
        error_messages={"required": "Say to whom.", "invalid_choice": "Choose one of these."},
    )


def _queues() -> list[tuple[str, str]]:
    rows = Queue.objects.filter(is_active=True).order_by("position", "name")
    return [(str(row.pk), f"{row.name} (leads only)" if row.leads_only else row.name) for row in rows]


class QueueForm(forms.Form):
    """Where the case waits from now on."""

    queue_id = forms.TypedChoiceField(
        choices=_queues,
        coerce=UUID,
        label="Queue",
        error_messages={"required": "Choose a queue.", "invalid_choice": "Choose one of these queues."},
    )


def _is_undecided(case: Any) -> bool:
    return case.status in WAITING


ACTIONS = (
    ConfirmedAction(
        "escalate",
        case_escalate,
        WORK,
        RouteForm,
        words="Escalate",
        explain="Lead moderators, or legal counsel, decide it instead of you. The case stays where it is due.",
        done="{obj} is escalated.",
        available=lambda case: _is_undecided(case) and case.status != CaseStatus.ESCALATED,
    ),
    ConfirmedAction(
        "move",
        case_move_queue,
        "audit.manage_queue",
        QueueForm,
        words="Move to another queue",
        explain="It waits there from now on; the rules leave it where you put it.",
        done="{obj} waits in another queue.",
        available=_is_undecided,
    ),
    ConfirmedAction(
        "close",
        case_close,
        WORK,
        words="Close",
        explain="Decided, and nothing is left to do. A new report opens another case.",
        done="{obj} is closed.",
        available=lambda case: case.status == CaseStatus.DECIDED,
    ),
    ConfirmedAction(
        "reopen",
        case_reopen,
        "audit.reopen_case",
        words="Reopen",
        explain=(
            "It waits for a decision again. What was decided before stands until another decision reverses it."
        ),
        done="{obj} is open again.",
        available=lambda case: case.status in (CaseStatus.DECIDED, CaseStatus.CLOSED),
    ),
)
