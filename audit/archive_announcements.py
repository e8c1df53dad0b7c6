"""What happens to archives of people, for the trail."""

from core.announcements import Announcement

personal_archive_made = Announcement("personal_archive_made", "made the archive of a person for")
personal_archive_opened = Announcement("personal_archive_opened", "fetched")
personal_archive_expired = Announcement("personal_archive_expired", "destroyed the file of")
