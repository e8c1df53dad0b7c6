"""What happens in rooms, told to whoever listens. Messages themselves are not announced: there are too many."""

from core.announcements import Announcement

room_opened = Announcement("chat_room_opened", "opened the room")
room_closed = Announcement("chat_room_closed", "closed the room")
room_hidden = Announcement("chat_room_hidden", "hid the room")
room_shown = Announcement("chat_room_shown", "showed again the room")
room_mode_was_set = Announcement("room_mode_set", "set a mode of the room:")
room_mode_ended = Announcement("room_mode_ended", "ended a mode of the room:")
room_role_granted = Announcement("room_role_granted", "gave somebody a role in the rooms:")
room_role_ended = Announcement("room_role_ended", "ended somebody's role in the rooms:")
room_ban_placed = Announcement("room_ban_placed", "banned somebody from the room:")
room_ban_lifted = Announcement("room_ban_lifted", "lifted the ban from the room:")
message_removed = Announcement("chat_message_removed", "removed the message")
message_restored = Announcement("chat_message_restored", "restored the message")
held_message_approved = Announcement("held_message_approved", "approved the held message")
held_message_refused = Announcement("held_message_refused", "refused the held message")
blocked_term_added = Announcement("blocked_term_added", "blocked a term:")
blocked_term_ended = Announcement("blocked_term_ended", "ended the blocking of a term:")
