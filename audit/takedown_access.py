"""Who may do what to the tables of copyright notices; a part of `audit.access`."""

from audit.models.compliance.readers import HANDLERS, READERS
from audit.takedown_elements import COUNTER_ELEMENTS, NOTICE_ELEMENTS
from core.db.access import AccessDeclaration, Rights, readers
from core.db.roles import Role

NOTICE_STATE = ("status", "status_since", "due_at", "acted_at", "rejected_for")
COUNTER_STATE = (
    "status",
    "status_since",
    "due_at",
    "complete_since",
    "restore_from",
    "restore_by",
    "court_reference",
)
TARGET_STATE = ("disabled_at", "effect", "status_before", "decision_id", "restored_at")
NOTICE_COLUMNS = (*NOTICE_STATE, *(element.field for element in NOTICE_ELEMENTS), "work_described")
COUNTER_COLUMNS = (*COUNTER_STATE, *(element.field for element in COUNTER_ELEMENTS), "statement")

TAKEDOWN_ACCESS: AccessDeclaration = {
    "audit.TakedownNotice": {
        **readers(*READERS, Role.PERFORMER),
        **dict.fromkeys(
            HANDLERS,
            Rights(select=True, insert=True, update=NOTICE_COLUMNS, may=("handle_takedownnotice",)),
        ),
        Role.WORKER: Rights(select=True, insert=True, update=NOTICE_COLUMNS),
    },
    "audit.TakedownClaimant": dict.fromkeys((*HANDLERS, Role.WORKER), Rights(select=True, insert=True)),
    "audit.TakedownTarget": {
        **readers(*READERS, Role.PERFORMER),
        **dict.fromkeys((*HANDLERS, Role.WORKER), Rights(select=True, insert=True, update=TARGET_STATE)),
    },
    "audit.CounterNotice": {
        **readers(*READERS),
        Role.PERFORMER: Rights(select=True, insert=True),
        **dict.fromkeys((*HANDLERS, Role.WORKER), Rights(select=True, insert=True, update=COUNTER_COLUMNS)),
    },
    "audit.CounterNoticeTarget": {
        **readers(*READERS),
        **dict.fromkeys((*HANDLERS, Role.PERFORMER, Role.WORKER), Rights(select=True, insert=True)),
    },
    # Written by triggers, in the name of whoever makes the move.
    "audit.TakedownTransition": readers(*READERS),
    "audit.CounterNoticeTransition": readers(*READERS),
}
