"""What compliance keeps about a person who is erased: screenings and identity cases, as the law demands."""

from uuid import UUID

from billing.models import KycCase, SanctionsScreening
from core.erasure import Eraser, ErasureReport, Kept, register_eraser

LAW = "prevention of money laundering, a legal obligation (Regulation (EU) 2024/1624, art. 77; GDPR art. 17(3)(b))"
UNTIL = "5 years after the end of the business relationship"

KEPT = (
    (SanctionsScreening, "screenings against lists of sanctions, sealed"),
    (KycCase, "identity cases, findings sealed"),
)


def survey(person_id: UUID) -> ErasureReport:
    """What stays, and how much of it. Read as compliance, before and after."""
    return ErasureReport(
        kept=tuple(
            Kept(
                model._meta.db_table, words, model._base_manager.filter(user_id=person_id).count(), LAW, UNTIL
            )
            for model, words in KEPT
        )
    )


register_eraser(Eraser(42, "screenings", survey=survey, erase=survey))
