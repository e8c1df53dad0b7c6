"""Who may do what to private messages. No role of staff is in the first three: they are for their people alone."""

from core.db.access import AccessDeclaration, FunctionDeclaration, Rights, readers
from core.db.roles import Role
from engagement.message_policies import ATTACHMENT_STAFF, PEOPLE

SCANS = Rights(select=True, update=("status", "scanned_at", "scanner", "finding"), may=("scan_attachment",))

MESSAGE_ACCESS: AccessDeclaration = {
    "engagement.Conversation": dict.fromkeys(PEOPLE, Rights(select=True, insert=True)),
    "engagement.ConversationMember": dict.fromkeys(
        PEOPLE, Rights(select=True, update=("state", "last_read_id"))
    ),
    "engagement.DirectMessage": dict.fromkeys(PEOPLE, Rights(select=True, insert=True, update=("status",))),
    "engagement.Attachment": {
        **readers(*ATTACHMENT_STAFF),
        **dict.fromkeys(PEOPLE, Rights(select=True, insert=True)),
        Role.MODERATOR: SCANS,
        Role.LEAD_MODERATOR: SCANS,
        Role.WORKER: Rights(select=True, update=SCANS.update, delete=True),
    },
}

MESSAGE_FUNCTIONS: FunctionDeclaration = {
    "engagement_attachment_for_me(uuid)": PEOPLE,
    "engagement_attachments_forgettable(integer)": (Role.WORKER,),
    "engagement_direct_message_hide(uuid, boolean)": (Role.MODERATOR, Role.LEAD_MODERATOR),
    "engagement_direct_messages_forget(integer)": (Role.WORKER,),
    "engagement_messages_person_erase(uuid)": (Role.COMPLIANCE,),
    "engagement_messages_person_survey(uuid)": (Role.COMPLIANCE,),
}
