"""Who may do what to the tables of subject requests; a part of `audit.access`."""

from audit.models.compliance.request_readers import ASKERS, STAFF_READERS
from core.db.access import AccessDeclaration, FunctionDeclaration, Rights, readers
from core.db.roles import Role

STATE = ("status", "attempted_at", "attempt", "answer")
REQUEST_COLUMNS = (
    *STATE,
    "extended_until",
    "extension_reason",
    "identity_method",
    "handled_by_id",
    "run_by_id",
    "refusal_ground",
    "refusal_reason",
)
STEP_COLUMNS = ("object_key", "done_at", "done_by_id")

REQUEST_ACCESS: AccessDeclaration = {
    "audit.SubjectRequest": {
        **readers(*STAFF_READERS),
        **dict.fromkeys(ASKERS, Rights(select=True, insert=True, update=("status",))),
        Role.COMPLIANCE: Rights(
            select=True, insert=True, update=REQUEST_COLUMNS, may=("handle_subjectrequest",)
        ),
        Role.WORKER: Rights(select=True, update=STATE),
    },
    "audit.RequestStep": {
        **readers(*STAFF_READERS, *ASKERS),
        **dict.fromkeys(
            (Role.COMPLIANCE, Role.WORKER), Rights(select=True, insert=True, update=STEP_COLUMNS)
        ),
    },
    # Written by a trigger, in the name of whoever makes the move.
    "audit.SubjectRequestTransition": readers(*STAFF_READERS),
}

REQUEST_FUNCTIONS: FunctionDeclaration = {
    "requests_person_survey(uuid)": (Role.COMPLIANCE,),
    "requests_person_erase(uuid)": (Role.COMPLIANCE,),
}
