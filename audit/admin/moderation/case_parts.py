"""The parts of the page of a case, made ready for its template."""

import re
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from django.http import HttpRequest
from django.utils import timezone
from django.utils.dateparse import parse_datetime

from accounts.choices import FlagKind, RestrictionKind
from audit.admin.moderation.decide_form import DecideForm
from audit.admin.moderation.evidence import PICTURES, RECORDINGS, file_url, opens
from audit.admin.moderation.private_messages import is_private, open_url
from audit.admin.moderation.words import effect_words, labels, lasts_words, moment
from audit.models import Case, Decision, Evidence, PolicyVersion, Report
from audit.moderation_choices import (
    AppealSide,
    AppealStatus,
    CaseStatus,
    EvidenceKind,
    ReportCategory,
    ReportSource,
    StrikeAction,
    SubjectKind,
)
from audit.selectors_case import wordings_at

INSTANT = re.compile(r"^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d+)?([+-]\d\d:?\d\d|Z)$")


@dataclass
class ShownEvidence:
    """A piece of evidence: its words, or the file if this person asked for it."""

    row: Evidence
    lines: list[tuple[str, Any]]
    is_file: bool
    url: str = ""
    is_picture: bool = False
    is_recording: bool = False
    private_url: str = ""


def evidence_shown(request: HttpRequest, rows: Sequence[Evidence]) -> list[ShownEvidence]:
    """Evidence in its order; a file is shown to whoever asked for it within the last minutes."""
    token = request.GET.get("shown", "")
    shown = []
    for row in rows:
        asked = bool(token) and row.kind == EvidenceKind.MEDIA and opens(request, row.pk, token)
        shown.append(
            ShownEvidence(
                row=row,
                lines=content_lines(row.content),
                is_file=row.kind == EvidenceKind.MEDIA,
                url=file_url(row, token) if asked else "",
                is_picture=row.media_type in PICTURES,
                is_recording=row.media_type in RECORDINGS,
                private_url=open_url(row) if is_private(row) else "",
            )
        )
    return shown


def content_lines(content: dict[str, Any]) -> list[tuple[str, Any]]:
    """What a snapshot holds, as words and values; empty values say nothing and are left out."""
    lines: list[tuple[str, Any]] = []
    for key, value in content.items():
        words = key.replace("_", " ").capitalize()
        if isinstance(value, dict):
            lines += [(f"{words}: {inner}", text) for inner, text in content_lines(value)]
        elif isinstance(value, list) and value and all(isinstance(part, dict) for part in value):
            lines += [(words, _said(part)) for part in value]
        elif isinstance(value, list):
            lines.append((words, ", ".join(str(part) for part in value)))
        elif value not in (None, ""):
            lines.append((words, _readable(value)))
    return [(words, text) for words, text in lines if text not in (None, "")]


def _said(message: dict[str, Any]) -> str:
    """A line of a conversation that was copied: when, who, what; and what had become of it."""
    status = message.get("status", "visible")
    return (
        f"{_readable(message.get('at', ''))} {message.get('handle') or message.get('kind', '')}: "
        f"{message.get('body', '')}{'' if status == 'visible' else f' ({status})'}"
    )


def _readable(value: Any) -> Any:
    """An instant as people write it; anything else as it is."""
    if isinstance(value, str) and INSTANT.match(value):
        return f"{moment(value)} UTC"
    return {True: "yes", False: "no"}.get(value, value) if isinstance(value, bool) else value


@dataclass
class ReportGroup:
    """Reports of one category: how many, from whom, and the newest of them."""

    category: str
    number: int = 0
    sources: list[str] = field(default_factory=list)
    newest: list[Report] = field(default_factory=list)


def reports_shown(case: Any, newest: Sequence[Report]) -> list[ReportGroup]:
    """The reports by category, the most frequent first."""
    groups: dict[str, ReportGroup] = {}
    sources = dict(ReportSource.choices)
    for row in case.groups:
        group = groups.setdefault(row["category"], ReportGroup(labels([row["category"]], ReportCategory)))
        group.number += row["number"]
        group.sources.append(f"{sources.get(row['source'], row['source'])}: {row['number']}")
    for report in newest:
        if report.category in groups:
            groups[report.category].newest.append(report)
    return sorted(groups.values(), key=lambda group: -group.number)


def _strike(row: dict[str, Any], now: datetime) -> dict[str, Any]:
    expires = parse_datetime(row["expires"])
    if row["revoked"]:
        state = f"revoked {moment(row['revoked'])}"
    elif expires is not None and expires <= now:
        state = f"expired {moment(row['expires'])}"
    else:
        state = f"counts until {moment(row['expires'])}"
    return {**row, "state": state, "counts": state.startswith("counts"), "issued": moment(row["issued"])}


def dossier_of(case: Any, earlier: Sequence[dict[str, Any]]) -> dict[str, Any]:
    """What is known of the person."""
    now = timezone.now()
    kinds, statuses = dict(SubjectKind.choices), dict(CaseStatus.choices)
    return {
        "points": case.points_in_force,
        "strikes": [_strike(row, now) for row in case.strikes],
        "restrictions": [
            {
                **row,
                "what": labels([row["kind"]], RestrictionKind),
                "since": moment(row["since"]),
                "until": moment(row["until"]) or "lifted",
            }
            for row in case.restrictions
        ],
        "flags": labels([row["kind"] for row in case.flags], FlagKind),
        "cases": [
            {
                **row,
                "kind": kinds[row["kind"]],
                "status": statuses[row["status"]],
                "reported": moment(row["reported"])[:10],
                "categories": labels(row["categories"], ReportCategory),
            }
            for row in case.other_cases
        ],
        "decisions": earlier,
        "proposals": [
            {**row, "action": StrikeAction(row["action"]).label, "lasts": lasts_words(row["lasts"])}
            for row in case.proposals
        ],
    }


def _appeal(row: dict[str, Any]) -> dict[str, Any]:
    return {
        "id": row["id"],
        "side": AppealSide(row["side"]).label,
        "status": AppealStatus(row["status"]).label,
        "filed": moment(row["filed"]),
    }


def parts_of_decisions(decisions: Sequence[Decision], case: Case) -> tuple[list[Any], list[Any]]:
    """The decisions on this case, and those on other cases about the person; with effects and appeals in words."""
    here: list[Any] = []
    elsewhere: list[Any] = []
    for decision in decisions:
        part = {
            "row": decision,
            "effects": [effect_words(row) for row in decision.effect_rows],  # type: ignore[attr-defined]
            "appeals": [_appeal(row) for row in decision.appeal_rows],  # type: ignore[attr-defined]
            "statement": getattr(decision, "statement", None),
            "reversed_by": getattr(decision, "reversed_by", None),
        }
        (here if decision.case_id == case.pk else elsewhere).append(part)
    return here, elsewhere


@dataclass
class ShownPolicy:
    """A wording as it held when the case was reported, and the one of today if it changed."""

    then: PolicyVersion | None
    now: PolicyVersion | None
    is_chosen: bool = False

    @property
    def version(self) -> PolicyVersion | None:
        """The one to read first."""
        return self.then or self.now

    @property
    def changed(self) -> bool:
        """Whether the wording of today is another one."""
        return self.then != self.now


def policies_shown(
    case: Case, versions: Sequence[PolicyVersion], now: datetime, form: DecideForm | None
) -> list[ShownPolicy]:
    """The chosen ground first, then those proposed for what was reported."""
    then, today = wordings_at(versions, case.first_reported_at), wordings_at(versions, now)
    chosen = form["policy_version_id"].value() if form is not None and form.is_bound else None
    reported = set(case.categories)
    shown = []
    for policy_id in dict.fromkeys([*then, *today]):
        pair = ShownPolicy(then.get(policy_id), today.get(policy_id))
        version = pair.version
        if version is None:
            continue
        pair.is_chosen = str(chosen) in {str(row.pk) for row in (pair.then, pair.now) if row is not None}
        if pair.is_chosen or reported & set(version.policy.categories):
            shown.append(pair)
    return sorted(shown, key=lambda pair: not pair.is_chosen)
