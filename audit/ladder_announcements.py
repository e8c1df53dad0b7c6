"""What is announced of the ladder of strikes."""

from core.announcements import Announcement

ladder_step_added = Announcement("ladder_step_added", "added a step to the ladder of strikes:")
ladder_step_changed = Announcement("ladder_step_changed", "changed a step of the ladder of strikes:")
ladder_step_retired = Announcement("ladder_step_retired", "retired a step of the ladder of strikes:")
