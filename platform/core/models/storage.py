"""How large a table grows and how long its rows are kept: declared on the model, read by documents and jobs.

class Restriction(EffectiveDated):
    volume = Volume.LARGE
    retention = "7 years after its end"
"""

from django.db.models import Model, TextChoices


class Volume(TextChoices):
    """The size class of a table, for which its indexes, lists and jobs are built."""

    SMALL = "S", "small: reference data and settings, thousands of rows"
    LARGE = "L", "large: grows with people and content, up to 10^9 rows"
    FIREHOSE = "F", "firehose: grows with every event, up to 10^10 rows a year; partitioned by time"


def subject_of(model: type[Model]) -> type[Model] | None:
    """The model whose history `model` keeps, None for every other one."""
    return getattr(model, "instance_type", None)


def volume_of(model: type[Model]) -> Volume | None:
    """The declared size class; a history table grows with its subject and is at least large."""
    if (subject := subject_of(model)) is not None:
        declared = volume_of(subject)
        return Volume.LARGE if declared is Volume.SMALL else declared
    return getattr(model, "volume", None)


def retention_of(model: type[Model]) -> str:
    """How long rows are kept, in words; a history is kept as long as its subject. Empty if undeclared."""
    return getattr(subject_of(model) or model, "retention", "")
