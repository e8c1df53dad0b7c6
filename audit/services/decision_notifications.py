"""What people are told of decisions and appeals, in the transaction of what it tells."""

from collections.abc import Collection, Iterable
from typing import Any
from uuid import UUID

from django.db.models.functions import Now

from audit.models import Appeal, Case, Decision, DecisionNotification, Report, StatementOfReasons
from audit.moderation_choices import (
    DecisionNotificationKind,
    DecisionOutcome,
    ReportSource,
    ReportStatus,
    SubjectKind,
)
from engagement.models.notification_event import MOST_RECIPIENTS
from engagement.services.notification_events import notification_event_record

LONGEST = 8000

OUTCOME_WORDS = {
    ReportStatus.UPHELD: "We agree with your report about {what}: it violates our policies, and we acted on it.",
    ReportStatus.REJECTED: "We have looked at your report about {what}. We found no violation of our policies.",
    ReportStatus.RECEIVED: "Your report about {what} is being looked at again.",
}
THINGS = {
    SubjectKind.PERSON: "an account",
    SubjectKind.PROFILE: "a profile",
    SubjectKind.STREAM: "a stream",
    SubjectKind.ARCHIVE: "a recording",
    SubjectKind.CHAT_MESSAGE: "a chat message",
    SubjectKind.CHAT_ROOM: "a chat room",
    SubjectKind.DIRECT_MESSAGE: "a private message",
}
COMPLAINT = (
    " If you disagree, you can complain to us until {until:%Y-%m-%d %H:%M} UTC, free of charge, turn to a certified "
    "out-of-court dispute settlement body, or go to court."
)


def person_tell(*, decision: Decision, statement: StatementOfReasons | None, effects: str) -> None:
    """Hand the statement of reasons to the person concerned; a warning alone has none, and is told all the same."""
    if statement is None:
        words = f"{effects}\n\n{decision.reasons}"
    else:
        words = "\n\n".join(
            (
                statement.restriction_words,
                statement.facts,
                f"{statement.ground_reference}. {statement.ground_explanation}",
                statement.redress,
            )
        )
    _tell([decision.person_id], DecisionNotificationKind.STATEMENT, decision, words)


def reports_settle(
    *, case: Case, decision: Decision, status: ReportStatus, among: Collection[ReportStatus]
) -> int:
    """Give the reports of a case that are `among` these states an outcome, and tell those who made them; how many.

    Locks: the reports. Whoever decides is told nothing that they know.
    """
    reports = Report.objects.select_for_update().filter(case=case, status__in=among).order_by("pk")
    changed = list(reports.values_list("pk", "reporter_id", "source"))
    decided_at: Any = None if status == ReportStatus.RECEIVED else Now()
    Report.objects.filter(pk__in=[pk for pk, _, _ in changed]).update(status=status, decided_at=decided_at)
    reporters = {
        reporter_id
        for _, reporter_id, source in changed
        if source in (ReportSource.USER, ReportSource.STAFF) and reporter_id != decision.decided_by_id
    }
    words = OUTCOME_WORDS[status].format(what=THINGS[SubjectKind(case.subject_kind)])
    if status == ReportStatus.REJECTED and decision.outcome != DecisionOutcome.VIOLATION:
        words += COMPLAINT.format(until=decision.appeal_until)
    _tell(sorted(reporters), DecisionNotificationKind.REPORT_OUTCOME, decision, words)
    return len(changed)


def reversal_tell(*, reversal: Decision, remains: Iterable[str]) -> None:
    """Tell the person that a decision was taken back, and what could not be."""
    words = "\n".join(
        (
            "A decision about you was reversed. What it did has been taken back, and it counts no more.",
            *remains,
            "",
            reversal.reasons,
        )
    )
    _tell([reversal.person_id], DecisionNotificationKind.REVERSAL, reversal, words)


def appeal_outcome_tell(*, appeal: Appeal, decision: Decision) -> None:
    """Tell both sides how an appeal ended, each in the same words; nobody is named."""
    both = {appeal.appellant_id, appeal.person_id, *_reporters(decision.case_id)} - {appeal.reviewer_id}
    words = (
        f"The appeal against the decision of {decision.decided_at:%-d %B %Y} has ended: "
        f"{appeal.get_status_display().lower()}.\n\n{appeal.outcome_reasons}"
    )
    _tell(sorted(both), DecisionNotificationKind.APPEAL_OUTCOME, decision, words, appeal=appeal)


def _reporters(case_id: UUID) -> set[UUID]:
    """People who reported a case as users."""
    reports = Report.objects.filter(case=case_id, source=ReportSource.USER, reporter__isnull=False)
    return set(reports.values_list("reporter_id", flat=True))


def _tell(
    recipients: Iterable[UUID],
    kind: DecisionNotificationKind,
    decision: Decision,
    words: str,
    *,
    appeal: Appeal | None = None,
) -> None:
    told = list(recipients)
    DecisionNotification.objects.bulk_create(
        DecisionNotification(
            recipient_id=recipient_id,
            kind=kind,
            decision=decision,
            appeal=appeal,
            words=words[:LONGEST],
            issued_at=decision.decided_at,
        )
        for recipient_id in told
    )
    _deliver(told, kind, decision, words[:LONGEST], appeal)


def _deliver(
    recipients: list[UUID],
    kind: DecisionNotificationKind,
    decision: Decision,
    words: str,
    appeal: Appeal | None,
) -> None:
    """Have the letter delivered: in the app and by mail, whatever people prefer."""
    ended = kind == DecisionNotificationKind.APPEAL_OUTCOME
    for first in range(0, len(recipients), MOST_RECIPIENTS):
        notification_event_record(
            trigger="appeal_decided" if ended else "moderation_decision",
            idempotency_key=f"{kind}:{decision.pk}:{appeal.pk if appeal else ''}:{first}",
            variables={"words": words} if ended else {"what": kind.label, "words": words},
            recipient_ids=recipients[first : first + MOST_RECIPIENTS],
            actor=None,
            deep_link="/account/decisions",
        )
