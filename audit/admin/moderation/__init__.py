"""The rooms of moderation: cases, reports, decisions, statements, appeals, strikes."""

from audit.admin.moderation import (
    appeals,
    cases,
    decisions,
    home,
    panels,
    report_form,
    reports,
    search,
    statements,
    strikes,
)

__all__ = [
    "appeals",
    "cases",
    "decisions",
    "home",
    "panels",
    "report_form",
    "reports",
    "search",
    "statements",
    "strikes",
]
