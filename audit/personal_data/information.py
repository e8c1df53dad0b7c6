"""What a person is told beside their data (GDPR art. 15(1) and (2)), written into every archive.

Proposals for counsel, as `audit.retention_rules` are: whoever runs the platform completes the names of recipients.
"""

from typing import Any

from django.db.models import Model

from audit.personal_data.declarations import Withheld
from audit.personal_data.map import PersonalTable
from audit.retention_rules import basis_of
from core.checks import HOUSE_APPS
from core.db.privacy import Privacy, privacy_of
from core.models.storage import retention_of

PURPOSES = {
    "accounts": "to keep your account, to let you sign in, and to guard it",
    "performers": "to show your profile, and to prove the age and identity of performers",
    "streams": "to broadcast, record and show what you perform or watch",
    "billing": "to charge, to pay out, and to keep books",
    "engagement": "to let you follow, write, chat, vote and be told of what you asked for",
    "analytics": "to count how the platform is used",
    "audit": "to moderate, to answer you and authorities, and to prove who did what",
    "axes": "to stop others from guessing your password",
}
"""Art. 15(1)(a), by part of the platform."""

INFORMATION: dict[str, Any] = {
    "purposes": "See `purpose` and `basis` of each file (art. 15(1)(a)).",
    "categories": "Each file is a category; `columns.json` says what every column means (art. 15(1)(b)).",
    "recipients": [
        "payment providers and banks, for what you pay or are paid",
        "providers of storage, broadcasting, e-mail and web push, who process on our behalf",
        "providers of age and identity checks, for what you gave to be checked",
        "performers and other people, for what you published or sent to them",
        "authorities, where a law obliges us",
    ],
    "recipients_basis": "Categories of recipients (art. 15(1)(c)); ask us for those of your own data.",
    "retention": "See `kept` of each file (art. 15(1)(d)).",
    "rights": (
        "You may have data corrected or erased, have its processing restricted, object to it, and take elsewhere what "
        "you provided (art. 15(1)(e), art. 16 to 21)."
    ),
    "complaint": "You may complain to a supervisory authority, where you live, work, or see a breach (art. 15(1)(f)).",
    "source": "See `source` of each file (art. 15(1)(g)).",
    "automated_decisions": (
        "Where moderation was detected or decided by automation, audit_decision and audit_statementofreasons say so; "
        "there is no other automated decision in the meaning of art. 22 (art. 15(1)(h))."
    ),
    "transfers": "Transfers to third countries rest on adequacy decisions or standard clauses (art. 15(2)).",
    "others": (
        "Other people are called person-… instead of by name or id: the same stand-in throughout this archive. "
        "Performers are named as they appear to the public. What others wrote to you is given while you can see it."
        ""
    ),
}

FROM_YOU = "you"
FROM_YOU_AND_US = "you, and what the platform recorded about it"
FROM_US = "recorded by the platform, its staff, its providers, or people whom a column names"


def purpose_of(model: type[Model]) -> str:
    """Why rows of the table are kept (art. 15(1)(a))."""
    return PURPOSES.get(model._meta.app_label, "to run the platform")


def source_of(table: PersonalTable) -> str:
    """Where rows of the table come from (art. 15(1)(g))."""
    portions = [(table.provided_fields(way), table.given_fields(way)) for way in table.ways]
    if all(provided == given for provided, given in portions):
        return FROM_YOU
    return FROM_YOU_AND_US if any(provided for provided, _ in portions) else FROM_US


def told_of(table: PersonalTable) -> dict[str, str]:
    """What the manifest says of a table."""
    house = table.model._meta.app_label in HOUSE_APPS
    return {
        "table": table.table,
        "meaning": table.model._meta.db_table_comment or str(table.model._meta.verbose_name_plural),
        "purpose": purpose_of(table.model),
        "basis": basis_of(table.model) if house else "security of processing (GDPR art. 6(1)(f) and 32)",
        "kept": retention_of(table.model) if house else "while it serves its purpose",
        "source": source_of(table),
    }


def columns_of(table: PersonalTable) -> dict[str, Any]:
    """What `columns.json` says of a table: every column, what it means, and why it is not handed out if so."""
    told = {}
    for field in table.fields:
        reasons = [table.reason_withheld(field, way) for way in table.ways]
        entry: dict[str, Any] = {"meaning": field.db_comment or str(field.verbose_name)}
        if privacy_of(field) is not Privacy.NONE:
            entry["privacy"] = privacy_of(field).value
        if not any(reasons):
            entry["given"] = "always"
        elif all(reasons):
            entry |= {"given": "never", "why": reasons[0]}
        else:
            entry |= {"given": "in some rows", "why": next(reason for reason in reasons if reason)}
        told[str(field.column)] = entry
    return told


def not_handed_out(tables: list[PersonalTable]) -> list[dict[str, str]]:
    """Tables about people that nobody is given, with the reason. The same for everybody, so that it tells nothing."""
    return [
        {"table": table.table, "why": table.decision.why}
        for table in tables
        if isinstance(table.decision, Withheld)
    ]
