"""Who may see and change what in rooms: conditions that several tables of chat share."""

from core.db.policies import ME
from core.db.roles import Role

STAFF_MODERATORS = (Role.MODERATOR, Role.LEAD_MODERATOR)
"""Staff who moderate rooms; a decision of compliance hides messages and rooms by the same services."""

CHAT_DECIDERS = (*STAFF_MODERATORS, Role.COMPLIANCE)
CHAT_READERS = (*CHAT_DECIDERS, Role.AUDITOR, Role.WORKER)
"""Who reads every message, the removed ones too."""

PEOPLE = (Role.VIEWER, Role.PERFORMER)

MODERATES = (
    f"(performer_id = {ME} OR performer_id = ANY ((select engagement_moderated_performers())::uuid[]))"
)
"""The performer's own rooms, and those of performers who made the person a moderator."""

SHOWN_ROOM = "NOT (select engagement_hidden_rooms())::uuid[] @> ARRAY[room_id]"
"""Of a message: staff did not hide its room. Hidden rooms are few; nobody looks messages up by that."""

MODERATES_HERE = "(select engagement_moderated_performers())::uuid[] @> ARRAY[performer_id]"
"""The same of a message, which nobody looks up by its performer: an index on that column would serve nothing."""
