"""Who may do what to the tables and functions of audit: the one declaration behind GRANTs and permissions."""

from audit.models.trail.readers import AREA_READERS, OVERSEERS, OWN_READERS, RECORDERS
from audit.takedown_access import TAKEDOWN_ACCESS
from core.db.access import AccessDeclaration, FunctionDeclaration, readers
from core.db.roles import STAFF_ROLES, Role

OPERATORS = (Role.AUDITOR, Role.ADMINISTRATOR)
EVENT_READERS = (*OVERSEERS, *AREA_READERS, *OWN_READERS)

# Nobody inserts, updates or deletes rows of the trail: they come by the functions below.
ACCESS: AccessDeclaration = {
    "audit.Event": readers(*EVENT_READERS),
    "audit.Label": readers(*OVERSEERS, *AREA_READERS),
    "audit.Action": readers(*EVENT_READERS),
    "audit.AdministrativeAction": readers(*OVERSEERS, *AREA_READERS),
    "audit.SecurityEvent": readers(*OVERSEERS),
    "audit.SensitiveRead": readers(*OVERSEERS),
    "audit.JobRun": readers(*OPERATORS),
    "audit.Deployment": readers(*OPERATORS),
    "audit.Seal": readers(*OVERSEERS),
    "audit.SealLeaf": readers(*OVERSEERS),
    **TAKEDOWN_ACCESS,
}

FUNCTIONS: FunctionDeclaration = {
    "audit_record(text, text, uuid, text[], jsonb, text, text, inet, text)": RECORDERS,
    "security_record(text, text, uuid, inet, jsonb)": RECORDERS,
    "sensitive_read_record(uuid, uuid, text[], text)": STAFF_ROLES,
    "audit_label_digest(uuid, bytea, text, text, inet, text)": (*OVERSEERS, *AREA_READERS),
    "audit_event_digest(uuid, text, text, uuid, text, text, uuid, text[], jsonb, uuid, bytea, xid8)": OVERSEERS,
    "audit_seal_head(bigint, bytea, smallint, xid8, bigint, bigint, uuid, uuid, bytea, timestamptz, smallint)": (
        OVERSEERS
    ),
    # Asks for itself whether the caller may: compliance, or the account is erased.
    "audit_labels_erase(uuid)": RECORDERS,
    "audit_seal_lag()": (Role.APP, Role.WORKER, *OVERSEERS),
    "job_run_begin(text)": (Role.APP, Role.WORKER),
    "job_run_end(uuid, text, jsonb, text)": (Role.APP, Role.WORKER),
}
