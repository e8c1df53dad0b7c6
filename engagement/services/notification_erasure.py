"""What of notifications goes when a person is erased, and what stays."""

import json
from uuid import UUID

from django.db import connection

from core.erasure import Destroyed, Eraser, ErasureReport, Kept, register_eraser

DESTROYED = {
    "engagement_notification": "what the person was told",
    "engagement_deliveryattempt": "deliveries to the person",
    "engagement_notificationevent": "words of events that the person made, or that concerned them alone",
    "engagement_notificationpreference": "wishes about notifications",
    "engagement_notificationquiethours": "quiet hours",
    "engagement_pushsubscription": "browsers of the person",
    "engagement_deliverysuppression": "suppressions of the person's addresses",
}
"""Table and what goes from it, in words; the counts come from the functions of the database."""

KEPT = {
    "engagement_templateversion": (
        "wordings that the person wrote or published as staff",
        "accountability of staff (GDPR art. 5(2) and 17(3)(b))",
        "for good",
    ),
}
"""Table, what stays, why, until when."""


def _report(function: str, person_id: UUID) -> ErasureReport:
    with connection.cursor() as cursor:
        cursor.execute(f"SELECT destroyed::text, kept::text FROM {function}(%s)", [person_id])
        destroyed, kept = (json.loads(part) for part in cursor.fetchone())
    return ErasureReport(
        destroyed=tuple(Destroyed(table, words, destroyed[table]) for table, words in DESTROYED.items()),
        kept=tuple(
            Kept(table, words, kept[table], why, until) for table, (words, why, until) in KEPT.items()
        ),
    )


def _survey(person_id: UUID) -> ErasureReport:
    return _report("engagement_notifications_survey", person_id)


def _erase(person_id: UUID) -> ErasureReport:
    return _report("engagement_notifications_erase", person_id)


register_eraser(Eraser(54, "notifications", survey=_survey, erase=_erase))
