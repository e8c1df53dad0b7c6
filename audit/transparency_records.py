"""A statement of reasons as the transparency database of the Commission takes it (Regulation (EU) 2022/2065, 24(5)).

Field names and values are those of its programming interface. Nothing is sent here: the record is made and checked.
"""

from collections.abc import Iterable
from datetime import datetime
from typing import Any

from audit.decision_errors import RecordInvalid
from audit.models import DecisionEffect, StatementOfReasons
from audit.moderation_choices import (
    AutomationDegree,
    EffectAxis,
    EffectKind,
    PolicyGround,
    ReportSource,
    SubjectKind,
)

EEA = (
    "AT", "BE", "BG", "CY", "CZ", "DE", "DK", "EE", "ES", "FI", "FR", "GR", "HR", "HU", "IE", "IS", "IT", "LI", "LT",
    "LU", "LV", "MT", "NL", "NO", "PL", "PT", "RO", "SE", "SI", "SK",
)  # fmt: skip
"""Countries of the European Economic Area: the database knows no others."""

CATEGORIES = frozenset(
    f"STATEMENT_CATEGORY_{name}"
    for name in (
        "ANIMAL_WELFARE",
        "CONSUMER_INFORMATION",
        "CYBER_VIOLENCE",
        "CYBER_VIOLENCE_AGAINST_WOMEN",
        "DATA_PROTECTION_AND_PRIVACY_VIOLATIONS",
        "ILLEGAL_OR_HARMFUL_SPEECH",
        "INTELLECTUAL_PROPERTY_INFRINGEMENTS",
        "NEGATIVE_EFFECTS_ON_CIVIC_DISCOURSE_OR_ELECTIONS",
        "NOT_SPECIFIED_NOTICE",
        "OTHER_VIOLATION_TC",
        "PROTECTION_OF_MINORS",
        "RISK_FOR_PUBLIC_SECURITY",
        "SCAMS_AND_FRAUD",
        "SELF_HARM",
        "UNSAFE_AND_PROHIBITED_PRODUCTS",
        "VIOLENCE",
    )
)

VISIBILITY = {
    EffectKind.PROFILE_CLEAR: "DECISION_VISIBILITY_CONTENT_REMOVED",
    EffectKind.STREAM_END: "DECISION_VISIBILITY_CONTENT_DISABLED",
    EffectKind.STREAM_HIDE: "DECISION_VISIBILITY_CONTENT_DISABLED",
    EffectKind.ARCHIVE_RESTRICT: "DECISION_VISIBILITY_CONTENT_DISABLED",
    EffectKind.ARCHIVE_REMOVE: "DECISION_VISIBILITY_CONTENT_REMOVED",
    EffectKind.CHAT_MESSAGE_HIDE: "DECISION_VISIBILITY_CONTENT_REMOVED",
    EffectKind.CHAT_ROOM_HIDE: "DECISION_VISIBILITY_CONTENT_DISABLED",
    EffectKind.DIRECT_MESSAGE_HIDE: "DECISION_VISIBILITY_CONTENT_DISABLED",
}
CONTENT_TYPES = {
    SubjectKind.PERSON: "CONTENT_TYPE_OTHER",
    SubjectKind.PROFILE: "CONTENT_TYPE_TEXT",
    SubjectKind.STREAM: "CONTENT_TYPE_VIDEO",
    SubjectKind.ARCHIVE: "CONTENT_TYPE_VIDEO",
    SubjectKind.CHAT_MESSAGE: "CONTENT_TYPE_TEXT",
    SubjectKind.CHAT_ROOM: "CONTENT_TYPE_TEXT",
    SubjectKind.DIRECT_MESSAGE: "CONTENT_TYPE_TEXT",
}
SOURCES = {
    ReportSource.USER: "SOURCE_ARTICLE_16",
    ReportSource.TRUSTED_FLAGGER: "SOURCE_TRUSTED_FLAGGER",
    ReportSource.AUTHORITY: "SOURCE_TYPE_OTHER_NOTIFICATION",
}
AUTOMATION = {
    AutomationDegree.NONE: "AUTOMATED_DECISION_NOT_AUTOMATED",
    AutomationDegree.PARTIAL: "AUTOMATED_DECISION_PARTIALLY",
    AutomationDegree.FULL: "AUTOMATED_DECISION_FULLY",
}
END_DATES = {
    EffectAxis.VISIBILITY: "end_date_visibility_restriction",
    EffectAxis.MONETARY: "end_date_monetary_restriction",
    EffectAxis.SERVICE: "end_date_service_restriction",
    EffectAxis.ACCOUNT: "end_date_account_restriction",
}
RESTRICTIONS = {"decision_visibility", "decision_monetary", "decision_provision", "decision_account"}
LENGTHS = {
    "decision_facts": 5000,
    "illegal_content_legal_ground": 500,
    "illegal_content_explanation": 2000,
    "incompatible_content_ground": 500,
    "incompatible_content_explanation": 2000,
    "puid": 500,
}


def as_transparency_record(statement: StatementOfReasons) -> dict[str, Any]:
    """The statement in the words of the database; fields that do not apply are left out.

    Reads the effects of its decision. Raises: RecordInvalid, with everything that the database would refuse.
    """
    effects = list(DecisionEffect.objects.filter(decision=statement.decision_id).order_by("pk"))
    record: dict[str, Any] = {
        **_restrictions(effects),
        **_ground(statement),
        "category": statement.category,
        "content_type": [CONTENT_TYPES[SubjectKind(statement.content_kind)]],
        "territorial_scope": [
            code for code in EEA if not statement.territories or code in statement.territories
        ],
        "content_language": statement.language.upper(),
        "application_date": _day(statement.starts_at),
        "decision_facts": statement.facts,
        "source_type": SOURCES[ReportSource(statement.source)] if statement.source else "SOURCE_VOLUNTARY",
        "automated_detection": _yes(statement.automated_detection),
        "automated_decision": AUTOMATION[AutomationDegree(statement.automated_decision)],
        "puid": statement.platform_identifier,
    }
    if statement.content_kind == SubjectKind.PERSON:
        record["content_type_other"] = "Account"
    if statement.content_date is not None:
        record["content_date"] = _day(statement.content_date)
    if problems := record_problems(record):
        raise RecordInvalid(problems)
    return record


def record_problems(record: dict[str, Any]) -> list[str]:
    """What the database would refuse of a record, one sentence each; empty: nothing."""
    problems = []
    if not RESTRICTIONS & record.keys():
        problems.append("it names no restriction")
    if "decision_ground" not in record:
        problems.append("it names no ground")
    if record.get("category") not in CATEGORIES:
        problems.append(f"{record.get('category')} is no category of the database")
    if not record.get("territorial_scope"):
        problems.append("it holds in no country of the European Economic Area")
    for name, most in LENGTHS.items():
        if name in record and not 0 < len(record[name].strip()) <= most:
            problems.append(f"{name} has 1 to {most} characters")
    if record.get("content_date", "2000-01-01") < "2000-01-01":
        problems.append("content_date lies before the year 2000")
    return problems


def _restrictions(effects: Iterable[DecisionEffect]) -> dict[str, Any]:
    """The restrictions by axis, and when the last of each axis ends; one without an end has no date."""
    found: dict[str, Any] = {}
    ends: dict[EffectAxis, list[datetime | None]] = {}
    for effect in effects:
        axis, kind = EffectAxis(effect.axis), EffectKind(effect.kind)
        if axis is EffectAxis.NONE:
            continue
        ends.setdefault(axis, []).append(effect.ends_at)
        if axis is EffectAxis.VISIBILITY:
            found["decision_visibility"] = sorted({*found.get("decision_visibility", ()), VISIBILITY[kind]})
        elif axis is EffectAxis.MONETARY:
            found["decision_monetary"] = "DECISION_MONETARY_SUSPENSION"
        elif axis is EffectAxis.SERVICE:
            found["decision_provision"] = "DECISION_PROVISION_PARTIAL_SUSPENSION"
        else:
            found["decision_account"] = "DECISION_ACCOUNT_SUSPENDED"
    for axis, instants in ends.items():
        known = [instant for instant in instants if instant is not None]
        if len(known) == len(instants):
            found[END_DATES[axis]] = _day(max(known))
    return found


def _ground(statement: StatementOfReasons) -> dict[str, str]:
    if statement.ground == PolicyGround.LAW:
        return {
            "decision_ground": "DECISION_GROUND_ILLEGAL_CONTENT",
            "illegal_content_legal_ground": statement.ground_reference,
            "illegal_content_explanation": statement.ground_explanation,
        }
    if statement.ground != PolicyGround.TERMS:
        return {}
    return {
        "decision_ground": "DECISION_GROUND_INCOMPATIBLE_CONTENT",
        "incompatible_content_ground": statement.ground_reference,
        "incompatible_content_explanation": statement.ground_explanation,
        "incompatible_content_illegal": _yes(False),
    }


def _day(instant: datetime) -> str:
    return f"{instant:%Y-%m-%d}"


def _yes(answer: bool) -> str:
    return "Yes" if answer else "No"
