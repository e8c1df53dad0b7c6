"""What oversight itself does to the trail; it is recorded there too."""

from core.announcements import Announcement

labels_erased = Announcement("labels_erased", "erased the words of the trail about")
trail_rebased = Announcement("trail_rebased", "began a new epoch of seals:")
