"""Who may do what to the alerts on readings; a part of `audit.access`.

The administrator reads none of them: it is their readings, too, that are looked at.
"""

from audit.models.trail.readers import READ_ALERT_READERS
from core.db.access import AccessDeclaration, FunctionDeclaration, Rights, readers
from core.db.roles import Role

REVIEW = ("status", "reviewed_by_id", "reviewed_at", "review_reason")

READ_ALERT_ACCESS: AccessDeclaration = {
    # Nobody writes the thresholds but a migration: who is watched does not set the watch.
    "audit.ReadAlertRule": readers(*READ_ALERT_READERS, Role.WORKER),
    "audit.ReadAlert": {
        **readers(*READ_ALERT_READERS, Role.WORKER),
        Role.COMPLIANCE: Rights(select=True, update=REVIEW, may=("review_readalert",)),
    },
    "audit.ReadAlertReading": readers(*READ_ALERT_READERS),
}

READ_ALERT_FUNCTIONS: FunctionDeclaration = {
    "read_alerts_sweep(interval)": (Role.WORKER,),
    "read_alerts_person_survey(uuid)": (Role.COMPLIANCE,),
    "read_alerts_person_words(uuid)": (Role.COMPLIANCE,),
    "read_alerts_person_erase(uuid)": (Role.COMPLIANCE,),
}
