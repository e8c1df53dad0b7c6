"""What happens to performers, told to whoever listens."""

from core.announcements import Announcement

performer_applied = Announcement("performer_applied", "applied as a performer:")
