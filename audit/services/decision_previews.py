"""What a decision would do and say, found out by making it and taking it back at once."""

from dataclasses import dataclass
from typing import Any

from django.db import connection, transaction

from audit.models import ActionProposal, DecisionEffect, StatementOfReasons, Strike
from audit.services.decisions import case_decide


@dataclass(frozen=True)
class DecisionPreview:
    """What would be written: statement (None: nobody is restricted), effects, points, what the ladder proposes."""

    statement: StatementOfReasons | None
    effects: list[DecisionEffect]
    points: int
    proposal: ActionProposal | None


class _TakenBack(Exception):
    """Ends the savepoint in which the decision was made, and carries what it wrote out of it."""

    def __init__(self, preview: DecisionPreview) -> None:
        self.preview = preview
        super().__init__("a preview is taken back")


def decision_preview(**decision: Any) -> DecisionPreview:
    """Make the decision with the arguments of `case_decide`, read what it wrote, and undo all of it.

    So the preview says exactly what will be said, and refuses exactly what will be refused. Nothing leaves the
    database before a transaction commits, and this part of it never does.
    Locks: what `case_decide` locks, until it returns. Raises: what `case_decide` raises. Announces: nothing that stays.
    """
    try:
        with transaction.atomic():
            raise _TakenBack(_made(decision))
    except _TakenBack as end:
        return end.preview


def _made(decision: dict[str, Any]) -> DecisionPreview:
    """The decision made, checked as at the end of a transaction, and read."""
    made = case_decide(**decision)
    connection.check_constraints()
    strike = Strike.objects.filter(decision=made).first()
    return DecisionPreview(
        statement=StatementOfReasons.objects.filter(decision=made).first(),
        effects=list(DecisionEffect.objects.filter(decision=made).order_by("pk")),
        points=strike.points if strike else 0,
        proposal=ActionProposal.objects.filter(triggered_by=made).first(),
    )
