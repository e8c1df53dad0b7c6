"""What the services of this app refuse."""

from core.errors import Refused


class ProfileRefused(Refused):
    """The profile breaks a rule: a stage name or slug is taken, or a text is malformed."""

    code = "profile_refused"


class ScheduleRefused(Refused):
    """What is planned breaks a rule of schedules: it overlaps, lies in the past, or a value makes no sense."""

    code = "schedule_refused"


class RuleRefused(ScheduleRefused):
    """A rule of repetition is malformed, never ends, makes nothing or too much."""

    code = "rule_refused"


class OccurrenceOver(ScheduleRefused):
    """The broadcast is over, cancelled or withdrawn, and can be changed no more."""

    code = "occurrence_over"


class StudioRefused(Refused):
    """A studio or a membership breaks a rule."""

    code = "studio_refused"


class SettingsRefused(Refused):
    """A setting of a performer has a value that makes no sense."""

    code = "settings_refused"


class UnknownRegion(SettingsRefused):
    """There is no such country or subdivision."""

    code = "unknown_region"
