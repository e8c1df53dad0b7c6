"""What a decision would do and say, found out by making it and taking it back at once."""

from dataclasses import dataclass
from typing import Any

from django.db import connection, transaction

from audit.models import ActionProposal, DecisionEffect, StatementOfReasons
from audit.services.decisions import case_decide


@dataclass(frozen=True)
class DecisionPreview:
    """What would be written: the statement (None: nobody is restricted), the effects, points, what the ladder proposes."""

    statement: StatementOfReasons | None
    effects: list[DecisionEffect]
    points: int
    proposal: ActionProposal | None


class _TakenBack(Exception):
    """Ends the savepoint in which the decision was made."""


def decision_preview(**decision: Any) -> DecisionPreview:
    """Make the decision with the arguments of `case_decide`, read what it wrote, and undo all of it.

    So the preview says exactly what will be said, and refuses exactly what will be refused. Nothing leaves the
    database before a transaction commits, and this part of it never does.
    Locks: what `case_decide` locks, until it returns. Raises: what `case_decide` raises. Announces: nothing that stays.
    """
    preview: DecisionPreview | None = None
    try:
        with transaction.atomic():
            made = case_decide(**decision)
            connection.check_constraints()
            strike = getattr(made, "strike", None)
            preview = DecisionPreview(
                statement=StatementOfReasons.objects.filter(decision=made).first(),
                effects=list(DecisionEffect.objects.filter(decision=made).order_by("pk")),
                points=strike.points if strike else 0,
                proposal=ActionProposal.objects.filter(triggered_by=made).first(),
            )
            raise _TakenBack
    except _TakenBack:
        pass
    assert preview is not None
    return preview
