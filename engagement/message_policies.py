"""Who reads private messages: their two people, and nobody else, in no role.

Staff read what was copied when one of the two reported it (`audit.services.private_messages`), never these tables.
"""

from core.db.policies import ME
from core.db.roles import Role

PEOPLE = (Role.VIEWER, Role.PERFORMER)
"""Roles in which people write to one another."""

ONE_OF_TWO = f"(first_person_id = {ME} OR second_person_id = {ME})"
"""Whoever asks is one of the two of a conversation."""

SENT_BY_ME = f"sender_id = {ME}"

SENT_TO_ME = f"(recipient_id = {ME} AND moved_at IS NULL)"
"""What moderation hid, or its sender deleted, its recipient no longer reads."""

ATTACHMENT_STAFF = (Role.MODERATOR, Role.LEAD_MODERATOR, Role.COMPLIANCE, Role.AUDITOR, Role.ADMINISTRATOR)
"""They see that a file exists, whose it is and what the scanner said: never to whom it was sent."""
