"""Who goes live: admission, identity, schedule, studios and settings of performers."""

from performers.models.performer_profile import PerformerProfile

__all__ = ["PerformerProfile"]
