"""Who goes live: admission, identity, schedule, studios and settings of performers."""

from performers.models.attribute_definition import AttributeDefinition
from performers.models.geo_block import GeoBlock
from performers.models.identity_document import IdentityDocument
from performers.models.identity_record import IdentityRecord
from performers.models.payout_preference import PayoutPreference
from performers.models.performer_alias import PerformerAlias
from performers.models.performer_attribute import PerformerAttribute
from performers.models.performer_language import PerformerLanguage
from performers.models.performer_metric import PerformerMetric
from performers.models.performer_profile import PerformerProfile
from performers.models.performer_residence import PerformerResidence
from performers.models.presence import Presence
from performers.models.schedule_occurrence import ScheduleOccurrence
from performers.models.schedule_series import ScheduleSeries
from performers.models.streaming_default import StreamingDefault
from performers.models.studio import Studio, StudioMembership
from performers.models.time_off import TimeOff

__all__ = [
    "AttributeDefinition",
    "GeoBlock",
    "IdentityDocument",
    "IdentityRecord",
    "PayoutPreference",
    "PerformerAlias",
    "PerformerAttribute",
    "PerformerLanguage",
    "PerformerMetric",
    "PerformerProfile",
    "PerformerResidence",
    "Presence",
    "ScheduleOccurrence",
    "ScheduleSeries",
    "StreamingDefault",
    "Studio",
    "StudioMembership",
    "TimeOff",
]
