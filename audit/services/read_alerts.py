"""Alerts on unusual readings: found again by a job, reviewed by somebody who neither read nor was read."""

from datetime import timedelta
from uuid import UUID

from django.db import connection, transaction

from accounts.models import User
from audit.choices import SecurityKind, Severity
from audit.models import ReadAlert, ReadAlertReading
from audit.read_alert_announcements import read_alert_confirmed, read_alert_explained, read_alert_found
from audit.read_alert_choices import ReadAlertStatus
from audit.read_alert_errors import ReadAlertRefused
from audit.services.security import security_event_record
from core.announcements import Announcement
from core.db.locking import locked
from core.db.refusals import refused_as

REASON_AT_LEAST = 10

BACK = timedelta(hours=26)
"""So far the job looks back: the longest span of a rule, and two runs that did not happen."""

SWEEP = "SELECT looked, alerts FROM read_alerts_sweep(make_interval(secs => %s))"


@transaction.atomic
def read_alerts_find(*, back: timedelta = BACK) -> tuple[int, int]:
    """Ask the rules again about every reading of the last hours; how many readings, and how many new alerts.

    What the recording has told already is not told again. Runs as the worker; may be run twice, or by two. Locks: the
    readers, one after the other. Announces: `read_alert_found` for each new alert.
    """
    with connection.cursor() as cursor:
        cursor.execute(SWEEP, [back.total_seconds()])
        looked, alerts = cursor.fetchone()
    for alert in ReadAlert.objects.filter(pk__in=alerts).order_by("pk"):
        read_alert_found.send(sender=ReadAlert, subject=alert, detail={"rule": alert.rule})
    return int(looked), len(alerts)


@transaction.atomic
def read_alert_explain(
    *, read_alert_id: UUID, actor: User, reason: str, expected_version: int | None = None
) -> ReadAlert:
    """Close an alert: there was a good reason to read. Runs as compliance.

    Locks: the alert. Raises: ReadAlertRefused (reviewed already, one's own readings or data, no reason), NotThere,
    StaleVersion (another reading joined it, too). Announces: `read_alert_explained`.
    """
    return _review(
        read_alert_id, ReadAlertStatus.EXPLAINED, actor, reason, expected_version, read_alert_explained
    )


@transaction.atomic
def read_alert_confirm(
    *, read_alert_id: UUID, actor: User, reason: str, expected_version: int | None = None
) -> ReadAlert:
    """Close an alert: there was no good reason to read. Runs as compliance.

    What follows for the reader is a step of its own. Locks: the alert. Raises: ReadAlertRefused (reviewed already,
    one's own readings or data, no reason), NotThere, StaleVersion (another reading joined it, too). Announces:
    `read_alert_confirmed`; a security event tells of it.
    """
    alert = _review(
        read_alert_id, ReadAlertStatus.MISUSE, actor, reason, expected_version, read_alert_confirmed
    )
    security_event_record(
        kind=SecurityKind.UNUSUAL_READING,
        severity=Severity.HIGH,
        person_id=alert.reader_id,
        detail={"sign": "misuse", "alert": str(alert.pk), "rule": alert.rule},
    )
    return alert


def _review(
    alert_id: UUID,
    status: ReadAlertStatus,
    actor: User,
    reason: str,
    expected_version: int | None,
    announcement: Announcement,
) -> ReadAlert:
    alert = locked(ReadAlert, alert_id, expected_version=expected_version)
    if alert.status != ReadAlertStatus.OPEN:
        raise ReadAlertRefused("This alert was reviewed already. What was found is never rewritten.")
    if len(reason.strip()) < REASON_AT_LEAST:
        raise ReadAlertRefused(f"Say what you found, in at least {REASON_AT_LEAST} characters.")
    if (
        actor.pk == alert.reader_id
        or ReadAlertReading.objects.filter(alert=alert, person_id=actor.pk).exists()
    ):
        raise ReadAlertRefused(
            "Nobody reviews their own readings, or readings of their own data. Ask a colleague."
        )
    alert.status, alert.reviewed_by, alert.review_reason = status, actor, reason.strip()
    with refused_as(ReadAlertRefused):
        alert.save(update_fields=["status", "reviewed_by", "review_reason"])
    alert.refresh_from_db()
    announcement.send(
        sender=ReadAlert,
        actor=actor,
        subject=alert,
        reason=reason,
        changed=("status",),
        detail={"rule": alert.rule, "readings": alert.readings.count()},
    )
    return alert
