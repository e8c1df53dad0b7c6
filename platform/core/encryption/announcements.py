"""What happens to keys."""

from core.announcements import Announcement

key_activated = Announcement("key_activated", "let new values be encrypted under a key")
key_retired = Announcement("key_retired", "took a key out of use")
