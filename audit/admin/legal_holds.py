"""Legal holds: the room of compliance, and what the pages of people, performers, streams and archives say of them."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, cast
from uuid import UUID

from django.apps import apps
from django.contrib import admin
from django.db.models import Model, Q, QuerySet
from django.http import HttpRequest
from django.urls import NoReverseMatch, reverse
from django.utils import timezone
from django.utils.html import format_html

from accounts.admin.filters import InForceFilter, user_named
from accounts.admin.links import person_link
from accounts.models import User
from audit.admin.legal_hold_forms import PlaceForm, ProlongForm
from audit.choices import HoldScope
from audit.models import HeldRow, LegalHold
from audit.services.legal_holds import (
    legal_hold_place,
    legal_hold_prolong,
    legal_hold_release,
    legal_hold_since,
)
from core.admin.actions import ConfirmedAction
from core.admin.filters import TimeFilter, exact
from core.admin.home import HomeCard, register_card
from core.admin.models import BackOfficeModelAdmin, ReadOnlyAdmin
from core.admin.panels import Panel
from core.admin.search import Hit, SearchProvider, register_search
from core.admin.sections import Section
from core.admin.site import backoffice
from core.db.asking import CountUpTo
from core.db.roles import Role
from performers.models import PerformerProfile
from streams.models import Archive, Stream

SOON = timedelta(days=30)
READERS = (Role.COMPLIANCE, Role.AUDITOR, Role.ADMINISTRATOR)
MODEL_OF_SCOPE = {
    HoldScope.PERSON: "accounts.user",
    HoldScope.STREAM: "streams.stream",
    HoldScope.ARCHIVE: "streams.archive",
}
"""Which page shows the thing that is held."""


def minute(instant: datetime | None) -> str:
    """To the minute, in UTC; a dash where there is none."""
    return f"{instant:%Y-%m-%d %H:%M}" if instant else "–"


def in_force(hold: LegalHold) -> bool:
    """Whether the hold holds now."""
    return hold.is_in_force(timezone.now())


PersonFilter = exact(
    "person",
    "about",
    find=lambda text: Q(person_id=user_named(text)),
    help="A handle, or the id of a person.",
)
ScopeFilter = exact("scope", "id of what is kept", lookup="scope_id")
ReferenceFilter = exact("reference", "file number", help="As the authority writes it.")


@admin.register(LegalHold, site=backoffice)
class LegalHoldAdmin(BackOfficeModelAdmin):
    """What has to be kept as it is, and who demands it."""

    section = Section.COMPLIANCE
    adds = True
    form = PlaceForm
    list_display = ("reference", "authority_kind", "authority", "kept", "about", "since", "until", "placed")
    list_filter = (
        InForceFilter,
        "scope_kind",
        "authority_kind",
        ReferenceFilter,
        PersonFilter,
        ScopeFilter,
        TimeFilter,
    )
    list_select_related = ("person", "placed_by", "released_by")
    search_fields = ("reference__exact", "person__handle__exact")
    search_help_text = "A whole file number or handle, or the id of a hold."
    fields = (
        "kept",
        "about",
        "authority_kind",
        "authority",
        "reference",
        "basis",
        "reason",
        "since",
        "until",
        "placed",
        "released_by",
        "release_reason",
        "copied",
        "id",
        "version",
    )
    readonly_fields = ("kept", "about", "since", "until", "placed", "copied")
    actions = (
        ConfirmedAction(
            "prolong",
            legal_hold_prolong,
            "audit.place_legalhold",
            ProlongForm,
            words="Prolong",
            explain="The hold ends later, or not by itself. It is never shortened.",
            done="The hold is prolonged.",
            available=lambda hold: in_force(hold) and hold.valid.upper is not None,
            id_kwarg="legal_hold_id",
        ),
        ConfirmedAction(
            "release",
            legal_hold_release,
            "audit.place_legalhold",
            words="Release",
            explain=lambda hold: (
                f"What {hold} keeps can be edited, purged and erased from now on. Who placed the hold does not "
                "release it."
            ),
            done="The hold is released.",
            dangerous=True,
            available=in_force,
            id_kwarg="legal_hold_id",
        ),
    )

    @admin.display(description="What is kept")
    def kept(self, hold: LegalHold) -> str:
        words = f"{hold.scope_kind} {str(hold.scope_id)[:8]}…"
        model = MODEL_OF_SCOPE.get(HoldScope(hold.scope_kind))
        if model is None:
            return words
        options = apps.get_model(model)._meta
        try:
            address = reverse(f"admin:{options.app_label}_{options.model_name}_change", args=[hold.scope_id])
        except NoReverseMatch:
            return words
        return format_html('<a href="{}">{}</a>', address, words)

    @admin.display(description="About")
    def about(self, hold: LegalHold) -> str:
        return person_link(hold.person)

    @admin.display(description="Since (UTC)")
    def since(self, hold: LegalHold) -> str:
        return minute(hold.valid.lower)

    @admin.display(description="Until (UTC)")
    def until(self, hold: LegalHold) -> str:
        return minute(hold.valid.upper) if hold.valid.upper else "released"

    @admin.display(description="Placed by")
    def placed(self, hold: LegalHold) -> str:
        return str(hold.placed_by)

    @admin.display(description="Rows copied out")
    def copied(self, hold: LegalHold) -> str:
        return "more than 99" if (rows := hold.held_rows.all()[:100].count()) > 99 else str(rows)

    def get_search_results(
        self, request: HttpRequest, queryset: QuerySet, search_term: str
    ) -> tuple[QuerySet, bool]:
        """File numbers have spaces, at which Django would divide them."""
        try:
            UUID(search_term.strip())
        except ValueError:
            whole = search_term.strip()
            if not whole:
                return queryset, False
            return queryset.filter(Q(reference=whole) | Q(person__handle=whole)), False
        return super().get_search_results(request, queryset, search_term)

    def has_add_permission(self, request: HttpRequest) -> bool:
        return request.user.has_perm("audit.place_legalhold")

    def get_fields(self, request: HttpRequest, obj: Model | None = None) -> Any:
        if obj is None:
            return (
                "scope_kind",
                "which",
                "authority_kind",
                "authority",
                "reference",
                "basis",
                "why",
                "until",
            )
        return [
            name for name in self.fields if name != "copied" or request.user.has_perm("audit.view_heldrow")
        ]

    def get_readonly_fields(self, request: HttpRequest, obj: Model | None = None) -> Any:
        return self.readonly_fields if obj else ()

    def save_model(self, request: HttpRequest, obj: LegalHold, form: Any, change: bool) -> None:
        """Through the service; the row it wrote takes the place of the form's."""
        values = {name: form.cleaned_data[name] for name in PlaceForm.Meta.fields}
        hold = legal_hold_place(
            **values,
            scope_id=form.cleaned_data["scope_id"],
            reason=form.cleaned_data["why"],
            until=form.cleaned_data["until"],
            actor=cast(User, request.user),
        )
        obj.__dict__.update(hold.__dict__)


@admin.register(HeldRow, site=backoffice)
class HeldRowAdmin(ReadOnlyAdmin):
    """Rows that were copied out for a hold before they left their table."""

    section = Section.COMPLIANCE
    list_display = ("source_table", "source_id", "hold", "copied_at")
    list_filter = (
        exact("hold", "id of the hold", lookup="hold_id"),
        exact("source_table", "table"),
        TimeFilter,
    )
    list_select_related = ("hold",)
    fields = ("hold", "source_table", "source_id", "content", "digest", "copied_at", "id")
    readonly_fields = ("digest",)

    @admin.display(description="SHA-256")
    def digest(self, row: HeldRow) -> str:
        return bytes(row.sha256).hex()


@dataclass(frozen=True)
class Notice:
    """All that leads of moderation learn of a hold."""

    since: datetime


def _notices(kind: HoldScope) -> Callable[[Any], list[Notice]]:
    def rows(row: Any) -> list[Notice]:
        since = legal_hold_since(kind, row.pk)
        return [] if since is None else [Notice(since)]

    return rows


def _holds(condition: Callable[[Any], Q]) -> Callable[[Any], Any]:
    return lambda row: LegalHold.objects.filter(condition(row)).select_related("placed_by").order_by("-pk")


def _all(parameter: str) -> Callable[[Any], str]:
    return lambda row: f"{reverse('admin:audit_legalhold_changelist')}?{parameter}={row.pk}"


PAGES: tuple[tuple[type[Model], HoldScope, Callable[[Any], Q], str], ...] = (
    (User, HoldScope.PERSON, lambda row: Q(person_id=row.pk), "person"),
    (PerformerProfile, HoldScope.PERSON, lambda row: Q(person_id=row.pk), "person"),
    (
        Stream,
        HoldScope.STREAM,
        lambda row: Q(scope_id__in=[row.pk, row.performer_id]),
        "scope",
    ),
    (
        Archive,
        HoldScope.ARCHIVE,
        lambda row: Q(scope_id__in=[row.pk, row.stream_id, row.performer_id]),
        "scope",
    ),
)
"""Whose pages show holds: those on the thing, and those above that cover it."""

for model, kind, condition, parameter in PAGES:
    backoffice.add_panel(
        model,
        Panel(
            title="Legal holds",
            columns=(
                ("What", lambda hold: hold.get_scope_kind_display()),
                ("Who demands it", lambda hold: f"{hold.get_authority_kind_display()}: {hold.authority}"),
                ("File number", "reference"),
                ("Since (UTC)", lambda hold: minute(hold.valid.lower)),
                ("Until (UTC)", lambda hold: minute(hold.valid.upper)),
                ("Placed by", lambda hold: str(hold.placed_by)),
            ),
            rows=_holds(condition),
            permission="audit.view_legalhold",
            url=lambda hold: reverse("admin:audit_legalhold_change", args=[hold.pk]),
            all_url=_all(parameter),
            empty="No hold keeps this.",
        ),
    )
    backoffice.add_panel(
        model,
        Panel(
            title="Kept by law",
            columns=(("Kept since (UTC)", lambda notice: minute(notice.since)),),
            rows=_notices(kind),
            permission="audit.notice_legalhold",
            empty="Nothing is kept by a legal hold.",
            words="A legal hold stops edits, purge and erasure. Compliance knows by whom and why; tell nobody else.",
        ),
    )

register_card(
    HomeCard(
        section=Section.COMPLIANCE,
        title="Holds that end soon",
        roles=(Role.COMPLIANCE,),
        count=lambda limit: CountUpTo(LegalHold.objects.ending_before(timezone.now() + SOON), limit),
        url=lambda: f"{reverse('admin:audit_legalhold_changelist')}?in_force=yes",
        words="Holds that end by themselves within 30 days. Ask the authority, then prolong or let them end.",
    )
)


def find_holds(query: str) -> Iterator[Hit]:
    """Holds with exactly this file number."""
    holds = list(LegalHold.objects.filter(reference=query).order_by("-pk")[:20])
    for hold in holds:
        yield Hit(
            title=str(hold),
            url=reverse("admin:audit_legalhold_change", args=[hold.pk]),
            words="in force" if in_force(hold) else "ended",
            exact=len(holds) == 1,
        )


register_search(SearchProvider("Legal holds", READERS, find_holds, hint="whole file number of a hold"))
