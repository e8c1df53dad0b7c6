"""Reports: what somebody says is wrong. The rules are the database's; here is who asks, and the words."""

from decimal import Decimal
from uuid import UUID

from django.db import transaction

from accounts.models import User
from audit.models import Report
from audit.moderation_announcements import report_filed
from audit.moderation_choices import ReportCategory, ReportSource, SubjectKind
from audit.moderation_errors import ReportRefused
from core.db.refusals import refused_as

ORGANISED = (ReportSource.TRUSTED_FLAGGER, ReportSource.AUTHORITY)


@transaction.atomic
def report_file(
    *,
    subject_kind: SubjectKind | str,
    subject_id: UUID,
    category: ReportCategory | str,
    source: ReportSource | str,
    actor: User | None,
    reporter: User | None = None,
    words: str = "",
    organisation: str = "",
    organisation_reference: str = "",
    detector: str = "",
    confidence: Decimal | None = None,
    good_faith: bool = False,
) -> Report:
    """Take a report: it joins the open case of its subject or opens one, and copies the subject as evidence.

    `reporter` is whoever reports for themselves (by default the actor, where the source is a user or staff); `actor`
    None: a machine. Locks: the reporter's reports, the subject, its case. Raises: ReportRefused (nothing there,
    erased, one's own, reported before, barred, too many, a field that is missing or does not belong). Announces:
    `report_filed`.
    """
    if subject_kind not in SubjectKind.values:
        raise ReportRefused("This is nothing that can be reported.")
    source = ReportSource(source)
    if reporter is None and source in (ReportSource.USER, ReportSource.STAFF):
        reporter = actor
    report = Report(
        subject_kind=subject_kind,
        subject_id=subject_id,
        category=category,
        source=source,
        reporter=reporter,
        organisation=organisation.strip(),
        organisation_reference=organisation_reference.strip(),
        detector=detector.strip(),
        confidence=confidence,
        words=words.strip(),
        good_faith=good_faith,
    )
    with refused_as(ReportRefused):
        report.save(force_insert=True)
    report.refresh_from_db()
    report_filed.send(
        sender=Report,
        actor=actor,
        subject=report,
        detail={
            "kind": str(subject_kind),
            "subject": str(subject_id),
            "category": report.category,
            "source": report.source,
            "case": str(report.case_id),
        },
    )
    return report
