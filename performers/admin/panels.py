"""What stands on the page of a performer."""

from typing import Any

from django.urls import reverse

from accounts.admin.links import colleague, period
from core.admin.panels import Panel
from performers.models import PerformerProfile


def _list_of(model: str) -> Any:
    return lambda performer: f"{reverse(f'admin:performers_{model}_changelist')}?performer={performer.pk}"


def _page_of(model: str) -> Any:
    return lambda row: reverse(f"admin:performers_{model}_change", args=[row.pk])


def minute(instant: Any) -> str:
    """An instant in UTC, to the minute."""
    return f"{instant:%Y-%m-%d %H:%M}" if instant else "–"


def open_period(valid: Any) -> str:
    """A range of which either end may be unknown."""
    return period(valid) if valid.lower else f"– {minute(valid.upper)}" if valid.upper else "always"


IDENTITY = Panel(
    title="Identity",
    columns=(
        ("When (UTC)", lambda row: minute(row.examined_at)),
        ("What", lambda row: f"Examination: {row.get_verdict_display()}" if row.verdict else "Declaration"),
        ("Ground", "ground"),
        ("Examined by", lambda row: colleague(row.examined_by) if row.examined_by_id else "–"),
        ("Documents until (UTC)", lambda row: minute(row.documents_until)),
    ),
    rows=lambda performer: (
        performer.identity_records.select_related("examined_by")
        .defer("legal_name", "birth_date")
        .order_by("-pk")
    ),
    permission="performers.view_identityrecord",
    url=_page_of("identityrecord"),
    all_url=_list_of("identityrecord"),
    words="Sealed. Open one and give a reason to read it.",
    empty="Nothing was declared.",
)
DOCUMENTS = Panel(
    title="Identity documents",
    columns=(
        ("What", "kind"),
        ("Issued by", "issuing_country"),
        ("Last valid day (UTC)", "expires_on"),
    ),
    rows=lambda performer: performer.identity_documents.defer("storage_reference").order_by("-pk"),
    permission="performers.view_identitydocument",
    url=_page_of("identitydocument"),
    all_url=_list_of("identitydocument"),
    empty="Nothing was submitted.",
)
ALIASES = Panel(
    title="Names",
    columns=(
        ("Name", "name"),
        ("How known", "source"),
        ("Used (UTC)", lambda row: open_period(row.valid)),
    ),
    rows=lambda performer: performer.aliases.order_by("-pk"),
    permission="performers.view_performeralias",
    all_url=_list_of("performeralias"),
    empty="No name is on record.",
)
RESIDENCES = Panel(
    title="Country of residence",
    columns=(("Country", "country"), ("Period (UTC)", lambda row: period(row.valid))),
    rows=lambda performer: performer.residences.order_by("-pk"),
    permission="performers.view_performerresidence",
    empty="Not stated.",
)
LANGUAGES = Panel(
    title="Languages",
    columns=(("Language", "language"), ("Level", "level")),
    rows=lambda performer: performer.languages.order_by("language"),
    permission="performers.view_performerlanguage",
    limit=20,
    empty="None named.",
)
ATTRIBUTES = Panel(
    title="Attributes",
    columns=(
        ("What", lambda row: row.definition.label),
        ("Value", lambda row: row.value),
        ("Unit", lambda row: row.definition.unit or "–"),
        ("Seen by", "visibility"),
    ),
    rows=lambda performer: performer.attributes.select_related("definition").order_by("-pk"),
    permission="performers.view_performerattribute",
    words="Said by the performer, never inferred.",
    empty="Nothing said.",
)
EARLIER_STATES = Panel(
    title="Earlier states",
    columns=(
        ("When (UTC)", lambda row: minute(row.history_date)),
        ("Stage name", "stage_name"),
        ("Status", "status"),
        ("Why", lambda row: row.history_change_reason or "–"),
    ),
    rows=lambda performer: PerformerProfile.history.filter(id=performer.pk).order_by("-history_id"),
    permission="performers.view_historicalperformerprofile",
    empty="Unchanged since the application began.",
)
