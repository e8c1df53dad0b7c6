"""Reports of recorders: every callback is kept, and the recording holds what the latest says."""

import re
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

from django.db import transaction

from core.db.clock import database_now
from core.db.refusals import refused_as
from streams.announcements import recording_reported
from streams.choices import RecordingProvider, RecordingStatus, ReportOutcome
from streams.errors import RecordingUnknown, ReportRefused
from streams.models import Recording, RecordingReport
from streams.models.recording import DONE, SILENCE
from streams.models.recording_report import HIDDEN_ENTRIES

OVER = (*DONE, RecordingStatus.FAILED, RecordingStatus.ABORTED)
AHEAD = timedelta(minutes=10)
"""How far the clock of a provider may run ahead of ours."""

_SECRET = re.compile(HIDDEN_ENTRIES, re.IGNORECASE)


@dataclass(frozen=True, kw_only=True)
class Report:
    """What a provider says about a recording, as its adapter understood it.

    `event` is the provider's id of the callback, `reported_at` the provider's time, `payload` what was sent.
    """

    provider: str
    event: str
    reference: str
    state: str
    reported_at: datetime
    payload: dict[str, Any] = field(default_factory=dict)
    started_at: datetime | None = None
    ended_at: datetime | None = None
    error_code: str = ""
    error_words: str = ""
    retry_count: int | None = None
    checksum: bytes | None = None


@dataclass(frozen=True)
class Taken:
    """What became of a report: its row, and whether it is new."""

    report: RecordingReport
    is_new: bool

    @property
    def words(self) -> str:
        """A sentence for the answer to the callback and for the log."""
        if not self.is_new:
            return "This report was taken before; nothing was changed."
        return f"{ReportOutcome(self.report.outcome).label}."


@transaction.atomic
def recording_report_take(*, report: Report) -> Taken:
    """Keep a provider's report and let the recording follow it, as far as it says something newer.

    A report is applied when it leads forward and no later one was known; else it is kept as stale, as a duplicate (the
    same state and time under another id), or as contradictory (later, but impossible after what stands). The same
    callback again changes nothing, and the answer says so. Runs as the worker. Locks: the recording, so that callbacks
    that come at once are taken one after the other. Raises: RecordingUnknown (nobody asked for this recording; the
    provider may send it again later), ReportRefused (a state that does not exist, a time without a zone or in
    the future, an id that was used for another report). Announces: `recording_reported` when something changed.
    """
    provider, state = _known(report)
    found = Recording.objects.filter(provider=provider, provider_reference=report.reference)
    # A recording that is over for good is no more the worker's to change, nor to lock: it only gets its report.
    recording = found.select_for_update().first() or found.first()
    if recording is None:
        raise RecordingUnknown(
            f"Nobody asked {provider.label} for a recording {report.reference[:100]!r}. Ask for it first, or send the "
            "report again later."
        )
    known = _taken_before(recording, state, report)
    if known is not None:
        return known
    now = database_now()
    if report.reported_at > now + AHEAD:
        raise ReportRefused("The time of this report lies in the future. Check the clock of the provider.")
    duplicate_of = (
        recording.reports.filter(state=state, reported_at=report.reported_at).order_by("pk").first()
    )
    outcome = ReportOutcome.DUPLICATE if duplicate_of else judged(recording, state, report.reported_at)
    row = RecordingReport(
        recording=recording,
        performer_id=recording.performer_id,
        provider=provider,
        provider_event=report.event,
        state=state,
        reported_at=report.reported_at,
        received_at=now,
        outcome=outcome,
        duplicate_of=_first(duplicate_of),
        payload=without_secrets(report.payload),
    )
    try:
        with refused_as(ReportRefused):
            row.save(force_insert=True)
            _follow(recording, state, report, outcome, now)
    except ReportRefused:
        if (known := _taken_before(recording, state, report)) is not None:
            return known
        raise
    return Taken(row, is_new=True)


def _taken_before(recording: Recording, state: RecordingStatus, report: Report) -> Taken | None:
    """The same callback, if it came before. Raises: ReportRefused, if its id was used for another report."""
    known = RecordingReport.objects.filter(provider=recording.provider, provider_event=report.event).first()
    if known is None:
        return None
    if (known.recording_id, known.state, known.reported_at) != (
        recording.pk,
        state.value,
        report.reported_at,
    ):
        raise ReportRefused("This id was used for another report. Each report has an id of its own.")
    return Taken(known, is_new=False)


def _known(report: Report) -> tuple[RecordingProvider, RecordingStatus]:
    if report.provider not in RecordingProvider.values:
        raise ReportRefused(f"There is no provider {report.provider[:100]!r} of recordings.")
    if report.state not in RecordingStatus.values:
        states = ", ".join(RecordingStatus.values)
        raise ReportRefused(f"{report.state[:100]!r} is no state of a recording. Known are: {states}.")
    for moment in (report.reported_at, report.started_at, report.ended_at):
        if moment is not None and moment.utcoffset() is None:
            raise ReportRefused("A time of a report needs its zone: without, nobody knows which came first.")
    if not isinstance(report.payload, dict):
        raise ReportRefused("The payload of a report is a JSON object.")
    return RecordingProvider(report.provider), RecordingStatus(report.state)


def _first(report: RecordingReport | None) -> RecordingReport | None:
    """The report that a duplicate repeats, which is no duplicate itself."""
    return report.duplicate_of or report if report else None


def judged(recording: Recording, state: RecordingStatus, reported_at: datetime) -> ReportOutcome:
    """What a new report means to a recording as it stands. Changes nothing.

    A report that ends a recording is applied even when the clock behind it runs late: a recorder says the end once.
    """
    given_up = recording.status == RecordingStatus.FAILED and recording.error_code == SILENCE
    if given_up:
        return ReportOutcome.APPLIED if state in DONE else ReportOutcome.STALE
    is_later = recording.reported_at is None or reported_at > recording.reported_at
    if recording.status in OVER:
        says_else = is_later and state != recording.status
        return ReportOutcome.CONTRADICTORY if says_else else ReportOutcome.STALE
    if state == recording.status:
        return ReportOutcome.APPLIED if is_later else ReportOutcome.STALE
    if not Recording.status_machine.allows(recording.status, state):
        return ReportOutcome.CONTRADICTORY if is_later else ReportOutcome.STALE
    if is_later or state in OVER or reported_at == recording.reported_at:
        return ReportOutcome.APPLIED
    return ReportOutcome.STALE


def _follow(
    recording: Recording, state: RecordingStatus, report: Report, outcome: ReportOutcome, now: datetime
) -> None:
    if recording.status in OVER and outcome is not ReportOutcome.APPLIED:
        return
    # Whatever was said, something was heard.
    recording.heard_at, recording.poll_requested_at = now, None
    changed = ["heard_at", "poll_requested_at"]
    if outcome is ReportOutcome.APPLIED:
        before = recording.status
        recording.status = state
        recording.reported_at = max(report.reported_at, recording.reported_at or report.reported_at)
        recording.started_at = report.started_at or recording.started_at
        recording.error_code = report.error_code
        recording.error_words = report.error_words
        if state in OVER:
            recording.ended_at = report.ended_at or report.reported_at
        if state == RecordingStatus.FAILED and not recording.error_code:
            recording.error_code = "unknown"
        if report.retry_count is not None:
            recording.retry_count = report.retry_count
        recording.checksum = report.checksum or recording.checksum
        changed += [
            "status",
            "reported_at",
            "started_at",
            "ended_at",
            "error_code",
            "error_words",
            "retry_count",
            "checksum",
        ]
        if state != before:
            recording.save(update_fields=changed)
            recording_reported.send(
                sender=Recording,
                actor=None,
                subject=recording,
                changed=("status",),
                detail={"from": str(before), "to": state.value},
            )
            return
    recording.save(update_fields=changed)


def without_secrets(payload: Any) -> Any:
    """A payload without the entries whose keys say that they are secret, at any depth."""
    if isinstance(payload, dict):
        return {key: without_secrets(value) for key, value in payload.items() if not _SECRET.search(str(key))}
    if isinstance(payload, list):
        return [without_secrets(item) for item in payload]
    return payload
