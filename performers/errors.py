"""What the services of this app refuse."""

from core.errors import Refused


class ProfileRefused(Refused):
    """The profile breaks a rule: a stage name or slug is taken, or a text is malformed."""

    code = "profile_refused"


class AdmissionRefused(Refused):
    """The application, the examination or the move does not fit where the admission stands."""

    code = "admission_refused"


class IdentityRefused(Refused):
    """What was declared or submitted to prove an identity cannot be taken."""

    code = "identity_refused"


class OwnAdmission(Refused):
    """Nobody decides about their own admission."""

    code = "own_admission"


class ResidenceRefused(Refused):
    """The country or the period cannot be recorded."""

    code = "residence_refused"


class LanguageRefused(Refused):
    """The language or the level cannot be recorded."""

    code = "language_refused"


class AttributeRefused(Refused):
    """The attribute, or its value, cannot be recorded."""

    code = "attribute_refused"


class AliasRefused(Refused):
    """The name cannot be recorded."""

    code = "alias_refused"


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
