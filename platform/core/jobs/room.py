"""The room of background work: what waits, runs, failed and was done."""

import json
from typing import Any

from django.contrib import admin
from django.db.models import QuerySet
from django.http import HttpRequest
from django.urls import reverse
from procrastinate.contrib.django.models import ProcrastinateEvent, ProcrastinateJob

from core.admin.actions import ConfirmedAction
from core.admin.filters import exact
from core.admin.home import HomeCard, register_card
from core.admin.models import ReadOnlyAdmin
from core.admin.panels import Panel
from core.admin.sections import Section
from core.admin.site import backoffice
from core.db.asking import CountUpTo
from core.db.roles import Role
from core.jobs.decisions import STATES, job_give_up, job_run_again
from core.models import QueuedJob
from core.models.identity import uuid7_instant

EVENTS = {
    "deferred": "Put into the queue",
    "scheduled": "Is to run",
    "started": "Begun by a worker",
    "deferred_for_retry": "Put back, to be tried again",
    "failed": "Failed",
    "succeeded": "Done",
    "cancelled": "Given up",
    "abort_requested": "Asked to stop",
    "aborted": "Stopped",
    "retried": "Run again by staff",
}


class StateFilter(admin.SimpleListFilter):
    """Where a job stands."""

    title = "state"
    parameter_name = "state"
    states = {
        "waiting": ("Waiting", ("todo",)),
        "running": ("Running", ("doing",)),
        "failed": ("Dead letters", ("failed",)),
        "done": ("Done", ("succeeded",)),
        "stopped": ("Given up or stopped", ("cancelled", "aborting", "aborted")),
    }

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, str]]:
        return [(name, words) for name, (words, _) in self.states.items()]

    def queryset(self, request: HttpRequest, queryset: QuerySet) -> QuerySet:
        _, states = self.states.get(self.value() or "", ("", ()))
        # One state is asked for as such, so that the index of dead letters serves.
        if len(states) == 1:
            return queryset.filter(status=states[0])
        return queryset.filter(status__in=states) if states else queryset


def last_words(job: QueuedJob) -> str:
    """What went wrong last; empty when nothing did."""
    incident = job.incidents.order_by("-pk").first()
    return incident.words if incident else ""


@admin.register(QueuedJob, site=backoffice)
class QueuedJobAdmin(ReadOnlyAdmin):
    """Background work, newest first; a dead letter can be run again."""

    section = Section.OVERSIGHT
    list_display = ("what", "state", "queue_name", "attempts", "scheduled_at")
    list_filter = (
        StateFilter,
        exact("name", "job", lookup="task_name", help="partitions_maintain"),
        exact("queue", "queue", lookup="queue_name", help="default, or maintenance"),
        exact("number", "number", lookup="id"),
    )
    fields = (
        "what",
        "state",
        "queue_name",
        "attempts",
        "scheduled_at",
        "error",
        "arguments",
        "cause",
        "queueing_lock",
    )
    readonly_fields = ("what", "state", "error", "arguments", "cause")
    actions = (
        ConfirmedAction(
            "run-again",
            job_run_again,
            "core.run_again_queuedjob",
            words="Run again",
            explain="It is tried once more, as soon as a worker is free. Its work was not done, or only outside.",
            done="{obj} waits in the queue again.",
            available=lambda job: job.status == "failed",
            id_kwarg="job_id",
        ),
        ConfirmedAction(
            "give-up",
            job_give_up,
            "core.give_up_queuedjob",
            words="Give up",
            explain="Its work will not be done. Whoever caused it is not told.",
            done="{obj} was given up.",
            dangerous=True,
            available=lambda job: job.status in ("todo", "failed"),
            id_kwarg="job_id",
        ),
    )
    panels = (
        Panel(
            "What happened to it",
            columns=(
                ("When (UTC)", lambda incident: uuid7_instant(incident.pk)),
                ("What", "kind"),
                ("Attempt", "attempt"),
                ("In words", "words"),
            ),
            rows=lambda job: job.incidents.order_by("-pk"),
            limit=20,
            empty="Nothing beside its plain course.",
        ),
        Panel(
            "Course",
            columns=(("When (UTC)", "at"), ("What", lambda event: EVENTS.get(event.type, event.type))),
            rows=lambda job: ProcrastinateEvent.objects.filter(job_id=job.pk).order_by("-pk"),
            limit=20,
        ),
    )

    @admin.display(description="Job")
    def what(self, job: QueuedJob) -> str:
        return str(job)

    @admin.display(description="State")
    def state(self, job: QueuedJob) -> str:
        return str(STATES.get(job.status, job.status)).capitalize()

    @admin.display(description="What went wrong last")
    def error(self, job: QueuedJob) -> str:
        return last_words(job) or "–"

    @admin.display(description="Arguments")
    def arguments(self, job: QueuedJob) -> str:
        return json.dumps(job.args.get("arguments") or {}, sort_keys=True)

    @admin.display(description="Caused by")
    def cause(self, job: QueuedJob) -> str:
        return (
            ", ".join(f"{what} {identity}" for what, identity in (job.args.get("cause") or {}).items())
            or "the schedule"
        )


# procrastinate brings a page of its own, with actions that no trail would show.
if backoffice.is_registered(ProcrastinateJob):
    backoffice.unregister(ProcrastinateJob)

register_card(
    HomeCard(
        section=Section.OVERSIGHT,
        title="Dead letters",
        roles=(Role.ADMINISTRATOR,),
        count=lambda limit: CountUpTo(QueuedJob.objects.filter(status="failed"), limit),
        url=lambda: f"{reverse('admin:core_queuedjob_changelist')}?state=failed",
        words="Background work that failed for good: run it again, or give it up.",
    )
)
