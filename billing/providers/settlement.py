"""Who hears what a provider answers and reports. The services of payments register themselves; nothing here knows them.

register_subject(CallSubject.PAYMENT_ATTEMPT, settle=attempt_settled, method_token=method_token_of)
register_fact_record(payment_fact_record)
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Protocol
from uuid import UUID

from billing.models.provider_call import ProviderCall
from billing.provider_choices import CallSubject
from billing.providers.port import ProviderAnswer, ProviderFact


class Settle(Protocol):
    """Takes an answer down, in the worker's transaction in which the call is marked as answered.

    Called for UNKNOWN once, when it becomes known that nothing is known; then for the answer. Bears that a message of
    the provider told the same before.
    """

    def __call__(self, *, call: ProviderCall, answer: ProviderAnswer) -> None: ...


class FactRecord(Protocol):
    """Takes down what a provider reports, in the worker's transaction in which the message is marked as processed.

    Bears the same fact twice and facts in any order. Raises PaymentUnknown where there is no such payment.
    """

    def __call__(self, *, fact: ProviderFact, event_id: UUID) -> None: ...


@dataclass(frozen=True)
class Subject:
    """What a call may be for: who takes the answer, and who knows the token of the method to charge, or evidence."""

    settle: Settle
    method_token: Callable[[UUID], str] | None = None
    evidence: Callable[[UUID], Mapping[str, str]] | None = None


_subjects: dict[CallSubject, Subject] = {}
_fact_records: list[FactRecord] = []


def register_subject(
    kind: CallSubject,
    *,
    settle: Settle,
    method_token: Callable[[UUID], str] | None = None,
    evidence: Callable[[UUID], Mapping[str, str]] | None = None,
) -> None:
    """Say who takes the answers of calls for this kind of row.

    `method_token(subject_id)` and `evidence(subject_id)` run as the worker.

    Raises ValueError for a kind that is taken.
    """
    if kind in _subjects:
        raise ValueError(f"Answers about {kind} are taken already.")
    _subjects[kind] = Subject(settle, method_token, evidence)


def subject_of(kind: str) -> Subject:
    """Who takes answers about this kind of row. Raises LookupError where nobody does."""
    try:
        return _subjects[CallSubject(kind)]
    except KeyError:
        raise LookupError(f"Nobody takes the answers of calls for {kind}.") from None


def register_fact_record(record: FactRecord) -> None:
    """Say who takes down what providers report. Raises ValueError when somebody does already."""
    if _fact_records:
        raise ValueError("What providers report is taken down already.")
    _fact_records.append(record)


def fact_record() -> FactRecord:
    """Who takes down what providers report. Raises LookupError where nobody does."""
    if not _fact_records:
        raise LookupError("Nobody takes down what providers report.")
    return _fact_records[0]
