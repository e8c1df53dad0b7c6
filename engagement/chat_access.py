"""Who may do what in rooms; a part of `engagement.access`."""

from core.db.access import AccessDeclaration, FunctionDeclaration, Rights, readers
from core.db.roles import ACTING_ROLES, Role
from engagement.chat_policies import CHAT_DECIDERS, CHAT_READERS, PEOPLE, STAFF_MODERATORS

ENDS = Rights(select=True, insert=True, update=("valid",))
MESSAGE_STATE = ("status",)
HELD_STATE = ("status", "decided_by_id", "decided_at")
TERM_STATE = ("valid", "action")

CHAT_ACCESS: AccessDeclaration = {
    "engagement.ChatRoom": {
        **readers(*ACTING_ROLES),
        Role.PERFORMER: Rights(select=True, insert=True, update=("status",)),
        Role.WORKER: Rights(select=True, insert=True, update=("status",)),
        **dict.fromkeys(
            STAFF_MODERATORS,
            Rights(select=True, update=("status", "hidden_at"), may=("moderate_chatroom",)),
        ),
    },
    "engagement.RoomMode": {
        **readers(*ACTING_ROLES),
        **dict.fromkeys((*PEOPLE, *STAFF_MODERATORS), ENDS),
    },
    "engagement.RoomRole": {
        **readers(Role.VIEWER, Role.SUPPORT, Role.COMPLIANCE, Role.AUDITOR),
        Role.PERFORMER: ENDS,
        Role.WORKER: Rights(select=True, insert=True),
        **dict.fromkeys(STAFF_MODERATORS, Rights(select=True, update=("valid",))),
    },
    "engagement.RoomBan": {
        **readers(Role.SUPPORT, Role.COMPLIANCE, Role.AUDITOR, Role.WORKER),
        **dict.fromkeys(
            (*PEOPLE, *STAFF_MODERATORS), Rights(select=True, insert=True, update=("valid", "lifted_by_id"))
        ),
    },
    "engagement.ChatMessage": {
        **readers(Role.AUDITOR),
        **dict.fromkeys(PEOPLE, Rights(select=True, insert=True, update=MESSAGE_STATE)),
        **dict.fromkeys(
            CHAT_DECIDERS, Rights(select=True, update=MESSAGE_STATE, may=("moderate_chatmessage",))
        ),
        Role.WORKER: Rights(select=True, insert=True, update=MESSAGE_STATE),
    },
    "engagement.BlockedTerm": {
        **readers(Role.COMPLIANCE, Role.AUDITOR),
        **dict.fromkeys(PEOPLE, Rights(select=True, insert=True, update=TERM_STATE)),
        **dict.fromkeys(
            STAFF_MODERATORS,
            Rights(select=True, insert=True, update=TERM_STATE, may=("keep_blockedterm",)),
        ),
        Role.WORKER: Rights(select=True, insert=True),
    },
    "engagement.HeldMessage": {
        **readers(Role.COMPLIANCE, Role.AUDITOR),
        **dict.fromkeys(PEOPLE, Rights(select=True, update=HELD_STATE)),
        **dict.fromkeys(
            STAFF_MODERATORS, Rights(select=True, update=HELD_STATE, may=("decide_heldmessage",))
        ),
        Role.WORKER: Rights(select=True, update=HELD_STATE),
    },
}

WRITERS = (*PEOPLE, Role.WORKER)

CHAT_FUNCTIONS: FunctionDeclaration = {
    # Policies ask these for people; staff never need them.
    "engagement_moderated_performers()": PEOPLE,
    "engagement_hidden_rooms()": PEOPLE,
    "engagement_chat_refusals(uuid[], uuid[], uuid[], uuid[], text[], text[], uuid[])": WRITERS,
    # The tester of the back office asks as those who write do.
    "engagement_blocked_terms_in(text[], uuid[])": (*WRITERS, *CHAT_READERS[:-1]),
    "engagement_handles(uuid[])": (*PEOPLE, *CHAT_READERS),
    "engagement_message_hold(uuid[], text[], uuid[], text[])": WRITERS,
    "engagement_tip_show(uuid, uuid, uuid, text)": WRITERS,
    "engagement_chat_survey(uuid)": (Role.COMPLIANCE,),
    "engagement_chat_erase(uuid)": (Role.COMPLIANCE,),
}
