"""Panels of copyright notices: on their own pages, and on those of archives, streams and performers."""

from typing import Any

from django.urls import reverse

from accounts.admin.links import colleague
from audit.admin.takedown_words import instant, notice_url, role_words, subject_url
from audit.models import TakedownNotice, TakedownTarget
from core.admin.panels import Panel
from core.admin.site import backoffice
from performers.models import PerformerProfile
from streams.models import Archive, Stream


def _moves(rows: Any, permission: str) -> Panel:
    return Panel(
        title="Moves",
        columns=(
            ("From", lambda row: row.get_from_status_display() or "new"),
            ("To", "to_status"),
            ("When (UTC)", lambda row: instant(row.effective_at)),
            ("By", lambda row: colleague(row.actor)),
            ("Role", role_words),
            ("Why", "reason"),
        ),
        rows=rows,
        permission=permission,
    )


def _earlier(notice: TakedownNotice) -> Any:
    found = TakedownTarget.objects.filter(performer_id__in=notice.performer_ids).exclude(notice=notice)
    return found.select_related("notice", "performer").order_by("-pk")


NOTICE_PANELS = (
    Panel(
        title="Targets",
        columns=(
            ("What", str),
            ("Performer", lambda row: str(row.performer)),
            ("Disabled (UTC)", lambda row: instant(row.disabled_at)),
            ("How", lambda row: row.get_effect_display() or "–"),
            ("Restored (UTC)", lambda row: instant(row.restored_at)),
        ),
        rows=lambda notice: notice.targets.select_related("performer").order_by("pk"),
        permission="audit.view_takedowntarget",
        url=subject_url,
        limit=20,
        empty="It names nothing that is here.",
    ),
    Panel(
        title="Counter-notices",
        columns=(
            ("Received (UTC)", lambda row: instant(row.received_at)),
            ("From", lambda row: str(row.performer) if row.performer else "withheld by the source"),
            ("Status", "status"),
            (
                "Restored between (UTC)",
                lambda row: f"{instant(row.restore_from)} and {instant(row.restore_by)}",
            ),
            ("Action in court", lambda row: row.court_reference or "–"),
        ),
        rows=lambda notice: notice.counter_notices.select_related("performer").order_by("-pk"),
        permission="audit.view_counternotice",
        url=lambda row: reverse("admin:audit_counternotice_change", args=[row.pk]),
        empty="Nobody has answered.",
    ),
    _moves(
        lambda notice: notice.transitions.select_related("actor").order_by("-pk"),
        "audit.view_takedowntransition",
    ),
    Panel(
        title="Other notices about the same performers",
        columns=(
            ("Notice", lambda row: str(row.notice)),
            ("Performer", lambda row: str(row.performer)),
            ("Status", lambda row: row.notice.get_status_display()),
            ("Received (UTC)", lambda row: instant(row.notice.received_at)),
        ),
        rows=_earlier,
        permission="audit.view_takedowntarget",
        url=lambda row: notice_url(row.notice_id),
        empty="There is no other one.",
    ),
)
COUNTER_PANELS = (
    Panel(
        title="Answers",
        columns=(
            ("What", lambda row: str(row.target)),
            ("Disabled (UTC)", lambda row: instant(row.target.disabled_at)),
            ("Restored (UTC)", lambda row: instant(row.target.restored_at)),
        ),
        rows=lambda counter: counter.answers.select_related("target").order_by("pk"),
        permission="audit.view_counternoticetarget",
        url=lambda row: subject_url(row.target),
        limit=20,
        empty="What it is about is not here.",
    ),
    _moves(
        lambda counter: counter.transitions.select_related("actor").order_by("-pk"),
        "audit.view_counternoticetransition",
    ),
)


def _of_row(rows: Any, permission: str = "audit.view_takedowntarget") -> Panel:
    return Panel(
        title="Copyright notices",
        columns=(
            ("Notice", lambda row: str(row.notice)),
            ("Status", lambda row: row.notice.get_status_display()),
            ("Received (UTC)", lambda row: instant(row.notice.received_at)),
            ("Disabled (UTC)", lambda row: instant(row.disabled_at)),
            ("Restored (UTC)", lambda row: instant(row.restored_at)),
        ),
        rows=rows,
        permission=permission,
        url=lambda row: notice_url(row.notice_id),
        empty="There is none.",
    )


def _naming(row: Archive | Stream) -> Any:
    return TakedownTarget.objects.filter(subject_id=row.pk).select_related("notice").order_by("-pk")


# Moderators read the reference of the notice in the reason of the removal; the page of an archive asks enough already.
backoffice.add_panel(Archive, _of_row(_naming, "audit.handle_takedownnotice"))
backoffice.add_panel(Stream, _of_row(_naming))
backoffice.add_panel(
    PerformerProfile,
    _of_row(
        lambda row: TakedownTarget.objects.filter(performer=row).select_related("notice").order_by("-pk")
    ),
)

__all__ = ["COUNTER_PANELS", "NOTICE_PANELS"]
