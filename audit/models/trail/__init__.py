"""The trail: who did what, what may be an attack, which jobs ran, what was deployed."""

from audit.models.trail.action import Action
from audit.models.trail.administrative_action import AdministrativeAction
from audit.models.trail.deployment import Deployment
from audit.models.trail.event import Event
from audit.models.trail.job_run import JobRun
from audit.models.trail.label import Label, label_digest
from audit.models.trail.read_alert import ReadAlert
from audit.models.trail.read_alert_reading import ReadAlertReading
from audit.models.trail.read_alert_rule import ReadAlertRule
from audit.models.trail.seal import Seal
from audit.models.trail.seal_leaf import SealLeaf
from audit.models.trail.security_event import SecurityEvent
from audit.models.trail.sensitive_read import SensitiveRead
from audit.models.trail.verification import TrailVerification

__all__ = [
    "Action",
    "AdministrativeAction",
    "Deployment",
    "Event",
    "JobRun",
    "Label",
    "ReadAlert",
    "ReadAlertReading",
    "ReadAlertRule",
    "Seal",
    "SealLeaf",
    "SecurityEvent",
    "SensitiveRead",
    "TrailVerification",
    "label_digest",
]
