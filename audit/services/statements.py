"""Statements of reasons: composed from the decision, refused with everything that is missing (DSA art. 17)."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import pycountry

from audit.decision_errors import DecisionRefused, StatementIncomplete
from audit.effects.planning import PlannedEffect
from audit.models import Case, Decision, PolicyVersion, Report, StatementOfReasons
from audit.moderation_choices import (
    AutomationDegree,
    EffectAxis,
    PolicyGround,
    ReportCategory,
    ReportSource,
    SubjectKind,
)
from audit.subjects import subject_of
from core.db.refusals import refused_as
from core.models.identity import uuid7_instant
from engagement.models import ChatMessage, ChatRoom
from performers.models import PerformerProfile
from streams.models import Archive, Stream

LANGUAGE = "en"
"""The language in which statements are composed."""

NOTICES = (ReportSource.AUTHORITY, ReportSource.TRUSTED_FLAGGER, ReportSource.USER)
"""Sources of notices, the weightiest first; what a machine or staff found is the platform's own initiative."""

LEAST_FACTS = 20
"""Fewer characters do not describe facts and circumstances."""

REDRESS = (
    "You can object in three ways. Until {until:%Y-%m-%d %H:%M} UTC you can complain to us, free of charge; somebody "
    "who did not take this decision looks at it again (Regulation (EU) 2022/2065, article 20). You can turn to a "
    "certified out-of-court dispute settlement body of your choice (article 21). You can go to court, whatever became "
    "of the complaint."
)


@dataclass(frozen=True)
class StatementDraft:
    """What a statement will say, before the decision that it explains is made."""

    case: Case
    wording: PolicyVersion
    reasons: str
    planned: Sequence[PlannedEffect]
    territories: tuple[str, ...]
    automated_detection: bool
    automated_decision: AutomationDegree

    @property
    def restrictions(self) -> list[str]:
        """The axes of the restrictions, each once; empty: nothing is restricted."""
        axes = {item.effect.facts.axis for item in self.planned} - {EffectAxis.NONE}
        return sorted(axis.value for axis in axes)

    @property
    def restriction_words(self) -> str:
        """What was done, a line per effect."""
        return "\n".join(item.words for item in self.planned)


def statement_draft(
    *,
    case: Case,
    wording: PolicyVersion | None,
    reasons: str,
    planned: Sequence[PlannedEffect],
    territories: Sequence[str],
    automated_detection: bool,
    automated_decision: AutomationDegree,
) -> StatementDraft:
    """Check everything that article 17(3) asks for. Raises: StatementIncomplete, with all that is missing."""
    missing = [words for is_missing, words in _wanted(wording, reasons, planned, territories) if is_missing]
    if missing or wording is None:
        raise StatementIncomplete(missing)
    return StatementDraft(
        case=case,
        wording=wording,
        reasons=reasons,
        planned=planned,
        territories=tuple(territories),
        automated_detection=automated_detection,
        automated_decision=automated_decision,
    )


def _wanted(
    wording: PolicyVersion | None,
    reasons: str,
    planned: Sequence[PlannedEffect],
    territories: Sequence[str],
) -> list[tuple[bool, str]]:
    """Each thing that a statement needs: whether it is missing, and its name (art. 17(3)(a) to (e))."""
    unknown = sorted(code for code in territories if pycountry.countries.get(alpha_2=code) is None)
    return [
        (not planned, "what is decided: at least one effect, a warning is one (a)"),
        (bool(unknown), f"territories that exist, not {', '.join(unknown)} (a)"),
        (len(reasons.strip()) < LEAST_FACTS, "facts and circumstances, in a sentence or more (b)"),
        (wording is None, "the ground: the policy that was violated (d, e)"),
        (
            wording is not None and wording.ground == PolicyGround.LAW and not wording.legal_reference,
            "the law and its article (d)",
        ),
    ]


def statement_issue(*, draft: StatementDraft, decision: Decision) -> StatementOfReasons | None:
    """Write the statement of a decision that was made just now; None when it restricts nothing.

    For `audit.services.decisions`. Raises: DecisionRefused (a rule of a column).
    """
    if not draft.restrictions:
        return None
    wording = draft.wording
    statement = StatementOfReasons(
        decision=decision,
        person_id=decision.person_id,
        platform_identifier=f"VBL-{decision.pk.hex.upper()}",
        language=LANGUAGE,
        restrictions=draft.restrictions,
        restriction_words=draft.restriction_words,
        territories=list(decision.territories),
        starts_at=decision.decided_at,
        ends_at=_end(draft.planned),
        facts=decision.reasons,
        source=_source(draft.case),
        automated_detection=decision.automated_detection,
        automated_decision=decision.automated_decision,
        ground=wording.ground,
        ground_reference=_reference(wording),
        ground_explanation=f"This goes against “{wording.title}”, which says: {wording.text}"[:2000],
        category=wording.transparency_category,
        content_kind=draft.case.subject_kind,
        content_date=_content_date(draft.case),
        redress=REDRESS.format(until=decision.appeal_until),
        issued_at=decision.decided_at,
    )
    with refused_as(DecisionRefused):
        statement.save(force_insert=True)
    return statement


def found_by_machine(case: Case) -> bool:
    """Whether a machine reported the content of a case; the ladder of strikes counts, it finds nothing."""
    machines = Report.objects.filter(case=case, source=ReportSource.AUTOMATIC)
    return machines.exclude(category=ReportCategory.REPEATED_VIOLATIONS).exists()


def _end(planned: Sequence[PlannedEffect]) -> datetime | None:
    """When the last restriction ends; None: one does not end by itself."""
    ends = [item.ends_at for item in planned if item.effect.facts.axis is not EffectAxis.NONE]
    return None if None in ends else max(end for end in ends if end is not None)


def _source(case: Case) -> ReportSource | None:
    return next((source for source in NOTICES if source in case.sources), None)


def _reference(wording: PolicyVersion) -> str:
    if wording.ground == PolicyGround.LAW:
        return wording.legal_reference
    since = f"{wording.effective_at:%Y-%m-%d}"
    return f"Terms and conditions, {wording.policy.code}, version {wording.number}, in force since {since}"


def _content_date(case: Case) -> datetime | None:
    """When the content was put up; of a person: when the account was."""
    if case.subject_kind == SubjectKind.PERSON:
        return case.person.signed_up_at
    if subject_of(case.subject_kind).is_private:
        return uuid7_instant(case.subject_id)
    model, field = _PUT_UP[SubjectKind(case.subject_kind)]
    return model._base_manager.filter(pk=case.subject_id).values_list(field, flat=True).first()


_PUT_UP: dict[SubjectKind, tuple[Any, str]] = {
    SubjectKind.PROFILE: (PerformerProfile, "created_at"),
    SubjectKind.STREAM: (Stream, "started_at"),
    SubjectKind.ARCHIVE: (Archive, "published_at"),
    SubjectKind.CHAT_MESSAGE: (ChatMessage, "created_at"),
    SubjectKind.CHAT_ROOM: (ChatRoom, "created_at"),
}
