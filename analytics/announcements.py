"""What figures tell the trail."""

from core.announcements import Announcement

rollup_rebuilt = Announcement("rollup_rebuilt", "had figures of a range computed anew")
