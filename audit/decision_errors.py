"""What decisions, reversals, statements, strikes and appeals refuse."""

from collections.abc import Sequence

from core.errors import Refused


class DecisionRefused(Refused):
    """The decision breaks a rule, or its case is not in the state that it needs."""

    code = "decision_refused"


class EffectRefused(DecisionRefused):
    """The effect does not fit the subject, contradicts another one, or is for somebody else to decide."""

    code = "effect_refused"


class StatementIncomplete(DecisionRefused):
    """The statement of reasons lacks what the law asks for; `missing` names all of it."""

    code = "statement_incomplete"

    def __init__(self, missing: Sequence[str]) -> None:
        self.missing = tuple(missing)
        super().__init__(
            "The statement of reasons is not complete (Regulation (EU) 2022/2065, article 17). "
            f"Missing: {'; '.join(self.missing)}. Nothing was decided."
        )


class RecordInvalid(Refused):
    """A statement cannot be written as the transparency database takes it; `problems` names all reasons."""

    code = "record_invalid"

    def __init__(self, problems: Sequence[str]) -> None:
        self.problems = tuple(problems)
        super().__init__(f"The transparency database would not take this statement: {'; '.join(problems)}.")


class ReversalRefused(Refused):
    """The decision cannot be reversed by whoever asks, or was reversed before."""

    code = "reversal_refused"


class AppealRefused(Refused):
    """The appeal comes too late, twice, from somebody whom it does not concern, or is not in the state for this."""

    code = "appeal_refused"


class ProposalRefused(Refused):
    """The proposed action is settled, or is not what was decided."""

    code = "proposal_refused"
