"""Performers: the queue of applications, and the page on which everything about a performer stands."""

from typing import Any

from django.contrib import admin
from django.db.models import QuerySet
from django.http import HttpRequest

from accounts.admin.links import person_link
from accounts.models import User
from core.admin.actions import ConfirmedAction
from core.admin.models import ReadOnlyAdmin
from core.admin.panels import Panel
from core.admin.sections import Section
from core.admin.site import backoffice
from performers.admin import panels
from performers.admin.forms import AcceptForm, AliasForm, CorrectForm, RejectForm, ResidenceForm
from performers.admin.links import performer_url
from performers.admin.queue import READS_IDENTITY, DocumentsFilter, Queue, WaitingFilter, with_documents_until
from performers.choices import PerformerStatus
from performers.models import PerformerProfile
from performers.services.admission import admission_obstacles, performer_offboard
from performers.services.aliases import alias_record
from performers.services.examinations import examination_accept, examination_reject
from performers.services.profiles import performer_profile_correct
from performers.services.residences import residence_change

LONGEST_SEARCH = 50
EXAMINE = "performers.examine_performerprofile"


def waits(performer: PerformerProfile) -> bool:
    """Whether something waits for an examination."""
    return performer.status == PerformerStatus.SUBMITTED or performer.renewal_submitted_at is not None


def is_here(performer: PerformerProfile) -> bool:
    """Whether the performer has not left."""
    return performer.status != PerformerStatus.OFFBOARDED


@admin.register(PerformerProfile, site=backoffice)
class PerformerProfileAdmin(ReadOnlyAdmin):
    """Everybody who performs, applied to or did."""

    section = Section.PEOPLE
    list_display: Any = ("stage_name", "person", "status", "submitted_at", "renewal_submitted_at")
    list_filter = (WaitingFilter, DocumentsFilter, "status")
    list_select_related = ("user",)
    search_fields = ("slug__exact",)
    search_help_text = "The beginning of a stage name, a whole address (slug) or handle, or an id."
    fields = (
        "stage_name",
        "slug",
        "person",
        "status",
        "may_go_live",
        "headline",
        "biography",
        "pronouns",
        "displayed_location",
        "submitted_at",
        "renewal_submitted_at",
        "verified_at",
        "offboarded_at",
        "created_at",
        "id",
        "version",
    )
    readonly_fields = ("person", "may_go_live")
    panels: tuple[Panel, ...] = (
        panels.IDENTITY,
        panels.DOCUMENTS,
        panels.ALIASES,
        panels.RESIDENCES,
        panels.LANGUAGES,
        panels.ATTRIBUTES,
        panels.EARLIER_STATES,
    )
    actions = (
        ConfirmedAction(
            "accept",
            examination_accept,
            EXAMINE,
            AcceptForm,
            words="Accept",
            explain=lambda performer: (
                f"{performer} can go live until the documents run out. Open the latest declaration and its documents "
                "below, reveal and compare them first."
            ),
            done="{obj} is accepted.",
            available=waits,
            id_kwarg="performer_id",
        ),
        ConfirmedAction(
            "reject",
            examination_reject,
            EXAMINE,
            RejectForm,
            words="Reject",
            explain=lambda performer: (
                f"The application of {performer} is rejected, and may be submitted again."
                if performer.status == PerformerStatus.SUBMITTED
                else f"The new documents of {performer} are rejected; the admission stands until the old ones run out."
            ),
            done="Rejected: {obj}.",
            dangerous=True,
            available=waits,
            id_kwarg="performer_id",
        ),
        ConfirmedAction(
            "correct",
            performer_profile_correct,
            "performers.correct_performerprofile",
            CorrectForm,
            words="Take texts off",
            explain=lambda performer: f"The texts that you choose disappear from the profile of {performer}.",
            done="The profile of {obj} is corrected.",
            available=is_here,
            id_kwarg="performer_id",
        ),
        ConfirmedAction(
            "residence",
            residence_change,
            "performers.add_performerresidence",
            ResidenceForm,
            words="Correct residence",
            explain=lambda performer: (
                f"{performer} lives in this country from now on; the former residence ends."
            ),
            done="The residence of {obj} is noted.",
            available=is_here,
            id_kwarg="performer_id",
        ),
        ConfirmedAction(
            "alias",
            alias_record,
            "performers.add_performeralias",
            AliasForm,
            words="Record another name",
            explain=lambda performer: (
                f"The name is put on record for {performer}; compliance and auditors see it."
            ),
            done="The name is on record.",
            id_kwarg="performer_id",
        ),
        ConfirmedAction(
            "offboard",
            performer_offboard,
            "performers.offboard_performerprofile",
            words="Offboard",
            explain=lambda performer: (
                f"{performer} cannot go live any more, and never comes back under this profile. The stage name rests."
            ),
            done="{obj} is offboarded.",
            dangerous=True,
            available=is_here,
            id_kwarg="performer_id",
        ),
    )

    def get_queryset(self, request: HttpRequest) -> QuerySet:
        queryset = PerformerProfile.objects.all()
        return with_documents_until(queryset) if request.user.has_perm(READS_IDENTITY) else queryset

    def get_list_display(self, request: HttpRequest) -> Any:
        """Until when documents are valid is for those who read identity records."""
        reads = request.user.has_perm(READS_IDENTITY)
        return (*self.list_display, "documents_until") if reads else self.list_display

    def get_changelist(self, request: HttpRequest, **kwargs: Any) -> type[Queue]:
        return Queue

    def get_search_results(
        self, request: HttpRequest, queryset: Any, search_term: str
    ) -> tuple[QuerySet, bool]:
        """A whole handle or address by their indexes, else the beginning of a stage name; what is longer is an id."""
        term = search_term.strip()
        if not 0 < len(term) <= LONGEST_SEARCH or (len(term) == 36 and term.count("-") == 4):
            return super().get_search_results(request, queryset, search_term)
        if queryset.with_slug(term).exists():
            return queryset.with_slug(term), False
        people = list(User.objects.with_handle(term).values_list("pk", flat=True))
        if people and queryset.filter(pk__in=people).exists():
            return queryset.filter(pk__in=people), False
        return queryset.stage_name_starts_with(term), False

    @admin.display(description="Person")
    def person(self, performer: PerformerProfile) -> str:
        return person_link(performer.user)

    @admin.display(description="Documents until (UTC)")
    def documents_until(self, performer: Any) -> Any:
        return performer.documents_until

    @admin.display(description="May go live")
    def may_go_live(self, performer: PerformerProfile) -> str:
        """Asked of the gate itself; roles that may not ask it see the status alone."""
        if not self._asks_gate:
            return "see status"
        found = admission_obstacles(performer_ids=[performer.pk])[performer.pk]
        return " ".join(obstacle.words for obstacle in found) or "yes"

    @property
    def _asks_gate(self) -> bool:
        from core.db.context import current_role
        from performers.access import FUNCTIONS

        return current_role() in FUNCTIONS["performers_obstacles(uuid[], timestamp with time zone)"]


backoffice.add_panel(
    User,
    Panel(
        title="Performer",
        columns=(("Stage name", "stage_name"), ("Status", "status"), ("Address", "slug")),
        rows=lambda user: PerformerProfile.objects.filter(pk=user.pk),
        permission="performers.view_performerprofile",
        url=lambda row: performer_url(row.pk),
        empty="Does not perform.",
    ),
)
