"""Who goes live: admission, identity, schedule, studios and settings of performers."""

from performers.models.attribute_definition import AttributeDefinition
from performers.models.identity_document import IdentityDocument
from performers.models.identity_record import IdentityRecord
from performers.models.performer_alias import PerformerAlias
from performers.models.performer_attribute import PerformerAttribute
from performers.models.performer_language import PerformerLanguage
from performers.models.performer_profile import PerformerProfile
from performers.models.performer_residence import PerformerResidence

__all__ = [
    "AttributeDefinition",
    "IdentityDocument",
    "IdentityRecord",
    "PerformerAlias",
    "PerformerAttribute",
    "PerformerLanguage",
    "PerformerProfile",
    "PerformerResidence",
]
