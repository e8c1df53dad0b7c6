"""Acceptances, consents, age, pictures and erasure on the page of a person."""

from collections.abc import Iterator
from typing import Any

from django.urls import reverse
from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString

from accounts.admin.links import colleague, period
from accounts.choices import UserStatus
from accounts.models import User
from accounts.services.erasure import erasable_from, erasure_survey, erasure_vetoes
from core.admin.panels import Panel
from core.admin.site import backoffice
from core.erasure import Destroyed, Kept


def _list_of(model: str) -> Any:
    return lambda user: f"{reverse(f'admin:accounts_{model}_changelist')}?user={user.pk}"


def _page_of(model: str) -> Any:
    return lambda row: reverse(f"admin:accounts_{model}_change", args=[row.pk])


def lines_of_erasure(user: User) -> Iterator[Destroyed | Kept]:
    """What an erasure would destroy and keep, or has kept; nothing while the account is open."""
    if user.status in (UserStatus.CLOSED, UserStatus.ERASED):
        report = erasure_survey(user.pk)
        yield from (line for line in report.destroyed if line.rows)
        yield from (line for line in report.kept if line.rows)


def erasure_words(user: User) -> SafeString:
    """What stands on the confirmation page: obstacles, what will be destroyed, what is kept, why and until when."""
    report = erasure_survey(user.pk)
    start = erasable_from(user)
    break_ = SafeString("<br>")
    parts: list[Any] = [
        format_html("<strong>{}</strong>", f"This stands against it: {veto}") for veto in erasure_vetoes(user)
    ]
    if start is not None:
        parts.append(f"The account may be erased from {start:%Y-%m-%d %H:%M} UTC on.")
    parts.append(SafeString("<strong>Destroyed for good:</strong>"))
    parts += [f"{line.rows:,} × {line.words}" for line in report.destroyed if line.rows]  # noqa: RUF001
    parts += [f"{len(report.objects):,} objects in storage"] if report.objects else []
    parts.append(SafeString("<strong>Kept, under a random key and no name:</strong>"))
    parts += [
        f"{line.rows:,} × {line.words}. Why: {line.why}. Until: {line.until}."  # noqa: RUF001
        for line in report.kept
        if line.rows
    ]
    return format_html_join(break_, "{}", ((part,) for part in parts))


PANELS = (
    Panel(
        title="Consents",
        columns=(
            ("Purpose", "purpose"),
            ("Period (UTC)", lambda row: period(row.valid)),
            ("Given by", "channel"),
            ("Withdrawn by", lambda row: row.get_withdrawn_channel_display() or "–"),
            ("Wording", lambda row: row.wording.version_label),
        ),
        rows=lambda user: user.consents.select_related("wording").order_by("-pk"),
        permission="accounts.view_consent",
        url=_page_of("consent"),
        all_url=_list_of("consent"),
        empty="Agreed to nothing.",
    ),
    Panel(
        title="Documents accepted",
        columns=(
            ("Document", lambda row: str(row.document)),
            ("When (UTC)", lambda row: f"{row.accepted_at:%Y-%m-%d %H:%M}"),
            ("By", "channel"),
        ),
        rows=lambda user: user.acceptances.select_related("document").order_by("-pk"),
        permission="accounts.view_acceptance",
        url=_page_of("acceptance"),
        all_url=_list_of("acceptance"),
        empty="Accepted nothing.",
    ),
    Panel(
        title="Age",
        columns=(
            ("Outcome", "outcome"),
            ("Band", lambda row: row.get_age_band_display() or "–"),
            ("Method", "method"),
            ("Provider", "provider"),
            ("Period (UTC)", lambda row: period(row.valid)),
            ("Ended", lambda row: row.get_ending_display() or "–"),
        ),
        rows=lambda user: user.age_assurances.order_by("-pk"),
        permission="accounts.view_ageassurance",
        url=_page_of("ageassurance"),
        all_url=_list_of("ageassurance"),
        empty="Never checked.",
    ),
    Panel(
        title="Pictures",
        columns=(
            ("What", "kind"),
            ("Status", "status"),
            ("Added (UTC)", lambda row: f"{row.created_at:%Y-%m-%d %H:%M}"),
            ("Decided by", lambda row: colleague(row.decided_by) if row.decided_by else "–"),
            ("Why", lambda row: row.decision_reason or "–"),
        ),
        rows=lambda user: user.profile_media.select_related("decided_by").order_by("-pk"),
        permission="accounts.view_profilemedia",
        url=_page_of("profilemedia"),
        all_url=lambda user: f"{reverse('admin:accounts_profilemedia_changelist')}?user={user.pk}&status=all",
        empty="No pictures.",
    ),
    Panel(
        title="Erasure",
        columns=(
            ("", lambda line: "kept" if isinstance(line, Kept) else "destroyed"),
            ("What", "words"),
            ("Rows", "rows"),
            ("Why", lambda line: getattr(line, "why", "–")),
            ("Until", lambda line: getattr(line, "until", "–")),
        ),
        rows=lines_of_erasure,
        permission="accounts.erase_user",
        limit=40,
        empty="The account is open; nothing is erased.",
    ),
)
for panel in PANELS:
    backoffice.add_panel(User, panel)
