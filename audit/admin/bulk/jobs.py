"""Bulk jobs: what was asked for, what would become of each case, what did, and what can be done about it."""

from collections.abc import Iterable
from typing import Any

from django.contrib import admin
from django.db.models import Count
from django.http import HttpRequest
from django.urls import reverse

from accounts.admin.links import colleague
from audit.admin.bulk.choosing import CREATE
from audit.admin.bulk.forms import UndoForm
from audit.models import BulkItem, BulkJob
from audit.models.moderation.bulk import ALONE_UP_TO
from audit.moderation_choices import BulkItemStatus, BulkStatus, EffectKind
from audit.services.bulk_jobs import bulk_job_approve, bulk_job_cancel, bulk_job_submit, bulk_job_undo
from core.admin.actions import ConfirmedAction
from core.admin.filters import TimeFilter, exact
from core.admin.home import HomeCard, register_card
from core.admin.models import ReadOnlyAdmin
from core.admin.panels import Panel
from core.admin.sections import Section
from core.admin.site import backoffice
from core.db.asking import CountUpTo
from core.db.context import current_actor_id, current_role
from core.db.roles import Role

MOST_REASONS = 20
NOT_YET = (BulkStatus.PREVIEWED, BulkStatus.WAITING, BulkStatus.APPROVED)


def items_url(job: BulkJob) -> str:
    """The list of a job's cases."""
    return f"{reverse('admin:audit_bulkitem_changelist')}?job={job.pk}"


def case_url(item: BulkItem) -> str:
    """The page of the case."""
    return reverse("admin:audit_case_change", args=[item.case_id])


def _outcomes(job: BulkJob) -> Iterable[tuple[int, str, str]]:
    """How many cases stand how, and why, the most first."""
    rows = (
        BulkItem.objects.filter(job=job)
        .order_by()
        .values_list("status", "foreseen" if job.status in NOT_YET else "outcome_words")
        .annotate(number=Count("pk"))
        .order_by("-number", "status")[:MOST_REASONS]
    )
    for status, words, number in rows:
        if status == BulkItemStatus.PENDING and job.status in NOT_YET:
            yield number, "Would be refused" if words else "Would be decided", words
        else:
            yield number, BulkItemStatus(status).label, words


OUTCOMES = Panel(
    title="In short",
    columns=(
        ("Cases", lambda row: row[0]),
        ("What", lambda row: row[1]),
        ("Why", lambda row: row[2] or "–"),
    ),
    rows=lambda job: list(_outcomes(job)),
    permission="audit.view_bulkitem",
    limit=MOST_REASONS,
)
ITEMS = Panel(
    title="Cases",
    columns=(
        ("Case", lambda item: item.case.reference),
        ("About", lambda item: item.case.get_subject_kind_display()),
        ("Priority", lambda item: item.case.priority),
        ("Status", "status"),
        ("Expected", lambda item: item.foreseen or "to be decided"),
        ("Outcome", lambda item: item.outcome_words or "–"),
    ),
    rows=lambda job: BulkItem.objects.filter(job=job).select_related("case").order_by("pk"),
    permission="audit.view_bulkitem",
    limit=25,
    url=case_url,
    all_url=items_url,
)


def _submit_words(job: BulkJob) -> str:
    if job.item_count <= ALONE_UP_TO:
        return f"{job.item_count} cases are decided at once, one by one, in your name."
    return (
        f"{job.item_count} cases are more than {ALONE_UP_TO}: they wait until another lead moderator approves them, "
        f"and are decided in your name then."
    )


def _is_mine(job: BulkJob) -> bool:
    return job.created_by_id == current_actor_id()


@admin.register(BulkJob, site=backoffice)
class BulkJobAdmin(ReadOnlyAdmin):
    """Previewed jobs are submitted here, waiting ones approved, done ones undone."""

    section = Section.MODERATION
    change_list_template = "admin/audit/bulkjob/change_list.html"
    list_display = ("title", "status", "outcome", "cases", "asked_by", "approved", "created_at")
    list_filter = ("status", exact("created_by", "Asked for by (id)", lookup="created_by_id"), TimeFilter)
    list_select_related = ("created_by", "approved_by", "undone_by", "policy_version")
    fields = (
        "title",
        "status",
        "outcome",
        "ground",
        "what_it_does",
        "reasons",
        "cases",
        "asked_by",
        "decided_as",
        "approved",
        "finished_at",
        "undone",
        "undo_reasons",
        "created_at",
        "id",
        "version",
    )
    readonly_fields = ("ground", "what_it_does", "cases", "asked_by", "decided_as", "approved", "undone")
    panels = (OUTCOMES, ITEMS)
    actions = (
        ConfirmedAction(
            "submit",
            bulk_job_submit,
            CREATE,
            words="Submit",
            explain=_submit_words,
            done="Submitted: {obj}.",
            available=lambda job: job.status == BulkStatus.PREVIEWED and _is_mine(job),
            reason=False,
            id_kwarg="bulk_job_id",
        ),
        ConfirmedAction(
            "approve",
            bulk_job_approve,
            "audit.approve_bulkjob",
            words="Approve",
            explain=lambda job: (
                f"{job.item_count} cases are decided, one by one, in the name of {colleague(job.created_by)}. Look at "
                f"the cases first: you answer for them too."
            ),
            done="Approved: {obj}.",
            dangerous=True,
            available=lambda job: job.status == BulkStatus.WAITING and not _is_mine(job),
            id_kwarg="bulk_job_id",
        ),
        ConfirmedAction(
            "cancel",
            bulk_job_cancel,
            CREATE,
            words="Cancel the job",
            explain="Nothing of it is decided. The preview stays on record.",
            done="Cancelled: {obj}.",
            available=lambda job: (
                job.status in NOT_YET and (_is_mine(job) or current_role() == Role.LEAD_MODERATOR)
            ),
            id_kwarg="bulk_job_id",
        ),
        ConfirmedAction(
            "undo",
            bulk_job_undo,
            "audit.undo_bulkjob",
            UndoForm,
            words="Undo the job",
            explain=(
                "Every decision of it that still stands is reversed, one by one, in your name; strikes are revoked and "
                "people are told. What cannot be undone says why."
            ),
            done="It is being undone: {obj}.",
            dangerous=True,
            available=lambda job: job.status == BulkStatus.DONE,
            reason=False,
            id_kwarg="bulk_job_id",
        ),
    )

    def changelist_view(self, request: HttpRequest, extra_context: dict[str, Any] | None = None) -> Any:
        """The list, with the way to a new job for whoever may make one."""
        mine = {"new_url": reverse("admin:audit_bulkjob_new") if request.user.has_perm(CREATE) else ""}
        return super().changelist_view(request, {**mine, **(extra_context or {})})

    @admin.display(description="Cases")
    def cases(self, job: BulkJob) -> int:
        return int(job.item_count)

    @admin.display(description="Decided as")
    def decided_as(self, job: BulkJob) -> str:
        return Role(job.acting_role).label

    @admin.display(description="Asked for by")
    def asked_by(self, job: BulkJob) -> str:
        return colleague(job.created_by)

    @admin.display(description="Approved by")
    def approved(self, job: BulkJob) -> str:
        if job.approved_by is not None:
            return f"{colleague(job.approved_by)}, {job.approved_at:%Y-%m-%d %H:%M} UTC"
        return "not needed" if job.item_count <= ALONE_UP_TO else "–"

    @admin.display(description="Undone by")
    def undone(self, job: BulkJob) -> str:
        return colleague(job.undone_by) if job.undone_by else "–"

    @admin.display(description="Ground")
    def ground(self, job: BulkJob) -> str:
        return str(job.policy_version or "–")

    @admin.display(description="Effects")
    def what_it_does(self, job: BulkJob) -> str:
        words = ", ".join(EffectKind(kind).label for kind in job.effects)
        lasts = f", for {job.lasts.days} days" if job.lasts else ""
        return f"{words}{lasts}" if words else "none"


@admin.register(BulkItem, site=backoffice)
class BulkItemAdmin(ReadOnlyAdmin):
    """Every case of every bulk job, with what became of it."""

    section = Section.MODERATION
    list_display = ("reference", "job", "status", "foreseen", "outcome_words")
    list_filter = ("status", exact("job", "Bulk job (id)", lookup="job_id"))
    list_select_related = ("case", "job")
    fields = ("reference", "job", "status", "foreseen", "outcome_words", "decision", "undo_decision", "id")
    readonly_fields = ("reference",)

    def has_module_permission(self, request: HttpRequest) -> bool:
        """Its way in is the page of a job, not the navigation."""
        return False

    @admin.display(description="Case")
    def reference(self, item: BulkItem) -> str:
        return str(item.case.reference)


register_card(
    HomeCard(
        section=Section.MODERATION,
        title="Bulk jobs waiting",
        roles=(Role.LEAD_MODERATOR,),
        count=lambda limit: CountUpTo(BulkJob.objects.filter(status=BulkStatus.WAITING), limit),
        url=lambda: f"{reverse('admin:audit_bulkjob_changelist')}?status__exact={BulkStatus.WAITING}",
        words="A colleague asks for the approval of a second person.",
    )
)
