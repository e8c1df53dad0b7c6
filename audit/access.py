"""Who may do what to the tables and functions of audit: the one declaration behind GRANTs and permissions."""

from audit.archive_access import ARCHIVE_ACCESS, ARCHIVE_FUNCTIONS
from audit.filing_access import FILING_ACCESS, FILING_FUNCTIONS
from audit.models.compliance import archive_key, archived_partition
from audit.models.moderation.readers import CASE_STAFF, LEADS, PEOPLE
from audit.models.trail.readers import AREA_READERS, OVERSEERS, OWN_READERS, RECORDERS
from audit.moderation_access import MODERATION_ACCESS
from audit.read_alert_access import READ_ALERT_ACCESS, READ_ALERT_FUNCTIONS
from audit.request_access import REQUEST_ACCESS, REQUEST_FUNCTIONS
from audit.takedown_access import TAKEDOWN_ACCESS
from core.db.access import AccessDeclaration, FunctionDeclaration, Rights, readers
from core.db.roles import STAFF_ROLES, Role

OPERATORS = (Role.AUDITOR, Role.ADMINISTRATOR)
PROPOSAL = ("proposed_by_id", "proposed_period", "proposed_basis", "proposed_reason")
EVENT_READERS = (*OVERSEERS, *AREA_READERS, *OWN_READERS)

# Nobody writes the trail: its rows come by the functions below.
ACCESS: AccessDeclaration = {
    **MODERATION_ACCESS,
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
    "audit.TrailVerification": {
        role: Rights(select=True, may=("ask_trailverification",)) for role in OVERSEERS
    }
    | {
        Role.WORKER: Rights(
            select=True,
            insert=True,
            update=(
                "outcome",
                "started_at",
                "finished_at",
                "last_seal_id",
                "seals",
                "events",
                "unsealed",
                "expired",
                "found",
                "findings",
                "notes",
                "error",
            ),
        ),
    },
    # Compliance places and releases; nobody deletes. What is placed about a colleague, they read only as overseers do.
    "audit.LegalHold": {
        **readers(Role.AUDITOR, Role.ADMINISTRATOR, Role.RETENTION),
        Role.COMPLIANCE: Rights(
            select=True,
            insert=True,
            update=("valid", "released_by_id", "released_at", "release_reason"),
            may=("place_legalhold",),
        ),
        Role.LEAD_MODERATOR: Rights(may=("notice_legalhold",)),
    },
    # Copies are written by the owner alone: triggers, and partitions that leave.
    "audit.HeldRow": {
        **readers(Role.COMPLIANCE, Role.AUDITOR),
    },
    # The owner alone writes: partitions leave and come back by maintenance.
    "audit.ArchivedPartition": readers(*archived_partition.READERS),
    "audit.ArchiveKey": readers(*archive_key.READERS),
    "audit.RetentionPolicy": {
        **readers(Role.AUDITOR, Role.RETENTION),
        Role.COMPLIANCE: Rights(select=True, update=PROPOSAL, may=("propose_retentionpolicy",)),
        Role.ADMINISTRATOR: Rights(
            select=True,
            update=("period", "basis", "changed_by_id", "approved_by_id", *PROPOSAL),
            may=("approve_retentionpolicy",),
        ),
    },
    "audit.RetentionRun": {
        **readers(Role.COMPLIANCE, *OPERATORS),
        Role.RETENTION: Rights(select=True, insert=True),
    },
    **TAKEDOWN_ACCESS,
    **FILING_ACCESS,
    **REQUEST_ACCESS,
    **ARCHIVE_ACCESS,
    **READ_ALERT_ACCESS,
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
    "archive_key_destroy(uuid)": RECORDERS,
    "archive_key_survey(uuid)": (Role.COMPLIANCE,),
    # Who asks whether something is held: vetoes and jobs. Leads of moderation learn that it is, and since when.
    "legal_hold_covers(text[], uuid[])": (Role.WORKER, Role.COMPLIANCE, Role.RETENTION),
    "legal_hold_since(text, uuid)": (Role.LEAD_MODERATOR, *OVERSEERS),
    "audit_seal_lag()": (Role.APP, Role.WORKER, *OVERSEERS),
    "moderation_subject_person(text, uuid)": (
        *CASE_STAFF,
        Role.SUPPORT,
        Role.COMPLIANCE,
        Role.WORKER,
        *PEOPLE,
    ),
    "moderation_private_words(uuid)": (*CASE_STAFF, Role.COMPLIANCE),
    "moderation_triage(uuid)": (*LEADS, Role.WORKER),
    "moderation_evidence_expire(integer)": (Role.WORKER,),
    "moderation_person_survey(uuid)": (Role.COMPLIANCE,),
    "moderation_person_erase(uuid)": (Role.COMPLIANCE,),
    "job_run_begin(text)": (Role.APP, Role.WORKER),
    "job_run_end(uuid, text, jsonb, text)": (Role.APP, Role.WORKER),
    **FILING_FUNCTIONS,
    **REQUEST_FUNCTIONS,
    **ARCHIVE_FUNCTIONS,
    **READ_ALERT_FUNCTIONS,
}
