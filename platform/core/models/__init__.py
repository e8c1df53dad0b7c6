"""The kinds of rows: a reader knows the rules of a table from the bases of its model."""

from core.models import inheritance  # noqa: F401  (completes every model with what its bases promise)
from core.models.dataset_offset import DatasetOffset
from core.models.effective_dating import EffectiveDated, EffectiveDatedQuerySet
from core.models.encryption_key import EncryptionKey
from core.models.entity import Entity, Versioned
from core.models.fact import Fact
from core.models.history import History
from core.models.identity import Identified
from core.models.jobs import JobIncident, JobReceipt, QueuedJob
from core.models.soft_deletion import LIVING, LivingManager, SoftDeletable
from core.models.storage import Volume
from core.models.submission import Submission

__all__ = [
    "LIVING",
    "DatasetOffset",
    "EffectiveDated",
    "EffectiveDatedQuerySet",
    "EncryptionKey",
    "Entity",
    "Fact",
    "History",
    "Identified",
    "JobIncident",
    "JobReceipt",
    "LivingManager",
    "QueuedJob",
    "SoftDeletable",
    "Submission",
    "Versioned",
    "Volume",
]
