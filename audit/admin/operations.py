"""Runs of jobs, and deployments."""

from django.contrib import admin
from django.db.models import QuerySet
from django.http import HttpRequest

from audit.choices import RunOutcome
from audit.models import Deployment, JobRun
from core.admin.filters import TimeFilter, exact
from core.admin.models import ReadOnlyAdmin
from core.admin.sections import Section
from core.admin.site import backoffice


class UnfinishedFilter(admin.SimpleListFilter):
    """Only runs that failed or never ended; an index keeps those apart."""

    title = "trouble"
    parameter_name = "trouble"

    def lookups(self, request: HttpRequest, model_admin: admin.ModelAdmin) -> list[tuple[str, str]]:
        return [("yes", "Failed, or never ended")]

    def queryset(self, request: HttpRequest, queryset: QuerySet) -> QuerySet:
        return queryset.exclude(outcome=RunOutcome.SUCCEEDED) if self.value() == "yes" else queryset


@admin.register(JobRun, site=backoffice)
class JobRunAdmin(ReadOnlyAdmin):
    """What jobs did, and how they ended."""

    section = Section.OVERSIGHT
    list_display = ("name", "outcome", "numbers", "started_at", "finished_at", "error")
    list_filter = (UnfinishedFilter, exact("name", "job", help="partitions_maintain"), TimeFilter)
    fields = (
        "name",
        "outcome",
        "numbers",
        "started_at",
        "finished_at",
        "error",
        "deployment",
        "acting_role",
        "id",
    )
    readonly_fields = ("numbers",)

    @admin.display(description="Counts")
    def numbers(self, run: JobRun) -> str:
        return ", ".join(f"{name}: {count:,}" for name, count in sorted(run.counts.items()))


@admin.register(Deployment, site=backoffice)
class DeploymentAdmin(ReadOnlyAdmin):
    """What `migrate` did, and which release did it."""

    section = Section.OVERSIGHT
    list_display = ("release", "outcome", "steps", "started_at", "finished_at")
    list_filter = (TimeFilter,)
    fields = ("release", "outcome", "done", "undone_steps", "started_at", "finished_at", "id")
    readonly_fields = ("done", "undone_steps")

    @admin.display(description="Migrations")
    def steps(self, deployment: Deployment) -> int:
        return len(deployment.applied) + len(deployment.undone)

    @admin.display(description="Applied")
    def done(self, deployment: Deployment) -> str:
        return ", ".join(deployment.applied)

    @admin.display(description="Undone")
    def undone_steps(self, deployment: Deployment) -> str:
        return ", ".join(deployment.undone)
