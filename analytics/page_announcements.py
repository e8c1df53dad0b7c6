"""What is announced about the pages of insight."""

from core.announcements import Announcement

insight_exported = Announcement("insight_exported", "exported figures of the back office as")
