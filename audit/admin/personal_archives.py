"""Archives of people, and the map of where personal data stands."""

from typing import TYPE_CHECKING, Any

from django.contrib import admin, messages
from django.core.exceptions import PermissionDenied
from django.db import IntegrityError, OperationalError
from django.db.models import Model, Q
from django.http import (
    HttpRequest,
    HttpResponse,
    HttpResponseBase,
    HttpResponseRedirect,
    StreamingHttpResponse,
)
from django.template.defaultfilters import filesizeformat
from django.urls import reverse
from django.utils.cache import add_never_cache_headers
from django.utils.html import format_html_join

from accounts.admin.filters import user_named
from accounts.admin.links import person_link
from accounts.models import User
from audit.models import PersonalArchive, PersonalDataSource, SubjectRequest
from audit.services.personal_archives import personal_archive_open
from core.admin import submissions
from core.admin.actions import ConfirmedAction
from core.admin.confirmation import TOKEN, all_or_nothing, confirmation_page, object_url, sentence
from core.admin.filters import TimeFilter, exact
from core.admin.models import ReadOnlyAdmin
from core.admin.panels import Panel
from core.admin.sections import Section
from core.admin.site import backoffice
from core.errors import Refused
from performers.models import PerformerProfile

if TYPE_CHECKING:
    from core.admin.models import BackOfficeModelAdmin

PersonFilter = exact(
    "person",
    "whose",
    find=lambda text: Q(person_id=user_named(text)),
    help="A handle, or the id of a person.",
)
RequestFilter = exact(
    "request", "reference", lookup="request__reference", help="Of the request: SR-2611-7K3MQ9XA."
)


def state(archive: PersonalArchive) -> str:
    """Whether it can be fetched."""
    if archive.can_be_fetched:
        return "can be fetched"
    return "destroyed" if archive.deleted_at else "over"


class FetchAction(ConfirmedAction):
    """Asks for a reason, and answers with the file itself. Each fetching is on record before a byte leaves.

    The file is streamed after the transaction of the request has ended: what comes then is read from the storage and
    needs no database.
    """

    def __init__(self) -> None:
        super().__init__(
            "fetch",
            personal_archive_open,
            "audit.open_personalarchive",
            words="Fetch",
            explain=lambda archive: (
                f"You get all that is known of {archive.person} in one file, {filesizeformat(archive.content_bytes)}. "
                "Hand it to the person in the way in which their identity was confirmed, and delete your copy. That "
                "you fetched it, and why, is kept and read by auditors."
            ),
            available=lambda archive: archive.can_be_fetched,
            id_kwarg="archive_id",
            dangerous=True,
        )

    def view(self, admin: "BackOfficeModelAdmin", request: HttpRequest, obj: Model) -> HttpResponse:
        """Ask for the reason (GET), then hand out (POST)."""
        if not (self.permitted(request) and admin.has_view_permission(request, obj)):
            raise PermissionDenied
        purpose = f"{obj._meta.label_lower}:{self.name}:{obj.pk}"
        form = self.form_class()(request.POST or None)
        if request.method == "POST" and form.is_valid():
            try:
                with all_or_nothing():
                    submissions.spend(request, purpose, request.POST.get(TOKEN, ""))
                    opened = self.carry_out(request, obj, form.cleaned_data, None)
            except submissions.AlreadyDone:
                messages.info(request, "This was fetched already. Give a reason again to fetch it once more.")
                return HttpResponseRedirect(object_url(admin, obj))
            except (Refused, IntegrityError, OperationalError) as refusal:
                form.add_error(None, sentence(refusal))
            else:
                return _as_file(opened.content, opened.name, opened.size)  # type: ignore[return-value]
        elif request.method == "GET" and not self.offered(obj):
            messages.warning(request, f"“{self.words}” does not apply to {obj} as it is now.")
            return HttpResponseRedirect(object_url(admin, obj))
        return confirmation_page(
            self,
            admin,
            request,
            form,
            title=f"{self.words}: {obj}",
            obj=obj,
            objects=[(obj, None)],
            explanation=self.explanation(obj),
            token=submissions.issue(request, purpose),
            back=object_url(admin, obj),
        )


def _as_file(content: Any, name: str, size: int) -> HttpResponseBase:
    response = StreamingHttpResponse(
        content,
        content_type="application/zip",
        headers={"Content-Disposition": f'attachment; filename="{name}"', "Content-Length": str(size)},
    )
    add_never_cache_headers(response)
    return response


@admin.register(PersonalArchive, site=backoffice)
class PersonalArchiveAdmin(ReadOnlyAdmin):
    """What was handed out of people's data, and what can be fetched now."""

    section = Section.COMPLIANCE
    list_display = ("request", "whose", "made_at", "rows", "size", "expires_at", "state")
    list_filter = (PersonFilter, RequestFilter, TimeFilter)
    list_select_related = ("person", "request")
    search_fields = ("request__reference__exact", "person__handle__exact")
    search_help_text = "A whole reference of a request or handle, or the id of an archive."
    fields = (
        "request",
        "whose",
        "state",
        "made_at",
        "expires_at",
        "deleted_at",
        "rows",
        "size",
        "tables",
        "digest",
        "id",
    )
    readonly_fields = ("whose", "state", "size", "tables", "digest")
    actions = (FetchAction(),)

    @admin.display(description="Whose")
    def whose(self, archive: PersonalArchive) -> str:
        return person_link(archive.person)

    @admin.display(description="Size")
    def size(self, archive: PersonalArchive) -> str:
        return filesizeformat(archive.content_bytes)

    @admin.display(description="State")
    def state(self, archive: PersonalArchive) -> str:
        return state(archive)

    @admin.display(description="Rows by table")
    def tables(self, archive: PersonalArchive) -> str:
        counts = sorted(archive.rows_by_table.items())
        return format_html_join("", "<div>{}: {}</div>", ((table, f"{rows:,}") for table, rows in counts))

    @admin.display(description="SHA-256 of the ZIP")
    def digest(self, archive: PersonalArchive) -> str:
        return bytes(archive.content_sha256).hex()


@admin.register(PersonalDataSource, site=backoffice)
class PersonalDataSourceAdmin(ReadOnlyAdmin):
    """Where personal data stands: every table about people, whether it is handed out, and why not."""

    section = Section.COMPLIANCE
    list_display = ("source_table", "treatment", "why", "by_way_of", "portable")
    list_filter = ("treatment", exact("source_table", "table"))
    search_fields = ("source_table__exact",)
    search_help_text = "A whole name of a table, or an id."
    ordering = ("source_table",)
    fields = (
        "source_table",
        "treatment",
        "why",
        "by_way_of",
        "columns_given",
        "columns_withheld",
        "portable",
        "access_query",
        "portability_query",
        "id",
    )
    readonly_fields = ("by_way_of", "portable")

    @admin.display(description="By way of")
    def by_way_of(self, source: PersonalDataSource) -> str:
        return "; ".join(source.ways) or "–"

    @admin.display(description="Provided by the person", boolean=True)
    def portable(self, source: PersonalDataSource) -> bool:
        return bool(source.portability_query)


def _panel(rows: Any) -> Panel:
    return Panel(
        title="Archives of their data",
        columns=(
            ("Made (UTC)", lambda archive: f"{archive.made_at:%Y-%m-%d %H:%M}"),
            ("Rows", "rows"),
            ("Size", lambda archive: filesizeformat(archive.content_bytes)),
            ("Until (UTC)", lambda archive: f"{archive.expires_at:%Y-%m-%d %H:%M}"),
            ("State", state),
        ),
        rows=rows,
        permission="audit.view_personalarchive",
        url=lambda archive: reverse("admin:audit_personalarchive_change", args=[archive.pk]),
        empty="No archive was made.",
    )


for model in (User, PerformerProfile):
    backoffice.add_panel(
        model, _panel(lambda row: PersonalArchive.objects.filter(person_id=row.pk).order_by("-pk"))
    )
backoffice.add_panel(
    SubjectRequest, _panel(lambda row: PersonalArchive.objects.filter(request_id=row.pk).order_by("-pk"))
)
