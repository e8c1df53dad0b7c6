"""What happened to a stream: every move of its state, and what it was called at any moment."""

from datetime import datetime
from typing import Any, ClassVar, Self
from uuid import UUID

from django.conf import settings
from django.db import models

from accounts.erasure_triggers import BlankedOnErasure
from core.db.constraints import length_between, no_overlap, one_of, rule
from core.db.holds import HeldBy
from core.db.indexes import BTree
from core.db.policies import ALL, ME, Policy, policies
from core.db.privacy import personal
from core.db.roles import Role
from core.models import EffectiveDated, EffectiveDatedQuerySet, Fact, Volume
from core.models.identity import Identified
from streams.broadcast_triggers import KeptUntilReplaced
from streams.choices import StreamStatus
from streams.models.stream import READERS
from streams.triggers import TakesPerformer

WHO_READ_MOVES = tuple(role for role in READERS if role is not Role.ANALYST)
"""A move names a person, and analysts read no people."""


class StreamTransition(Fact, Identified):
    """One row per move of a stream's state: from where, to where, who moved it, why.

    Written by a trigger on `streams_stream`, so that no move is unrecorded, whoever makes it and how
    (docs/decisions/0022). The actor and the role are those of the transaction.
    """

    volume, retention = Volume.LARGE, "with its stream; the reason until erasure"
    held_by = HeldBy(person=("performer",), stream=("stream",), keeps=("reason",))

    stream = models.ForeignKey(
        "streams.Stream",
        models.PROTECT,
        # An index leads with it.
        db_index=False,
        related_name="transitions",
        db_comment="The stream that moved.",
    )
    performer = models.ForeignKey(
        "performers.PerformerProfile",
        models.PROTECT,
        related_name="stream_transitions",
        db_comment="Whose stream it is; taken from the stream.",
    )
    from_status = models.TextField(
        choices=StreamStatus, null=True, db_comment="State before the move; null: the stream was made."
    )
    to_status = models.TextField(choices=StreamStatus, db_comment="State after the move.")
    actor = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        models.PROTECT,
        null=True,
        related_name="stream_transitions_made",
        db_comment="Who moved it; null: the system.",
    )
    acting_role = models.TextField(db_comment="Database role in which it was moved.")
    reason = personal(models.TextField(db_default="", db_comment="Why, in words; may be empty."))
    at = models.DateTimeField(db_comment="When it was moved (UTC), by the clock of the database.")

    objects: Any = models.Manager()

    class Meta:
        db_table_comment = (
            "One row per move of a stream's state. Written by a trigger on streams_stream. "
            "Kept with its stream."
        )
        constraints = [
            one_of("from_status", StreamStatus),
            one_of("to_status", StreamStatus),
            length_between("acting_role", 1, 63),
            length_between("reason", 0, 2000),
            *policies(*WHO_READ_MOVES, command="select", using=ALL),
            Policy(role=Role.PERFORMER, command="select", using=f"performer_id = {ME}"),
        ]
        indexes = [
            BTree(
                fields=["stream", "id"],
                serves="docs/queries/stream_transitions.sql: the moves of a stream on its page, in order",
            )
        ]
        triggers = [BlankedOnErasure("performer", blanks=("reason",)), TakesPerformer("stream")]

    def __str__(self) -> str:
        return self.get_to_status_display()


class StreamMetadataVersionQuerySet(EffectiveDatedQuerySet):
    """Reads of what streams were called."""

    def of(self, stream_id: UUID | str, at: datetime | str) -> Self:
        """The version of the stream that held at an instant: at most one row. Text is read as ISO 8601."""
        return self.filter(stream=stream_id, valid__contains=models.DateTimeField().to_python(at))


class StreamMetadataVersion(EffectiveDated):
    """One row per period in which a stream had the same title, description, language and category.

    Written by triggers on the stream and on its categories; imports add periods of the past. A row is closed once,
    when the next one follows, and changes in nothing else.
    """

    volume, retention = Volume.LARGE, "with its stream; goes when the performer is erased"
    held_by = HeldBy(person=("performer",), stream=("stream",), keeps=("title", "description", "language"))

    stream = models.ForeignKey(
        "streams.Stream",
        models.PROTECT,
        # The exclusion constraint's index leads with it.
        db_index=False,
        related_name="metadata_versions",
        db_comment="The stream that was called so.",
    )
    performer = models.ForeignKey(
        "performers.PerformerProfile",
        models.PROTECT,
        related_name="stream_metadata_versions",
        db_comment="Whose stream it is; taken from the stream.",
    )
    title = models.TextField(db_comment="Title in that period.")
    description = models.TextField(db_default="", db_comment="Description in that period; may be empty.")
    language = models.TextField(db_comment="Spoken language in that period, ISO 639 code.")
    category = models.ForeignKey(
        "streams.Category",
        models.PROTECT,
        null=True,
        blank=True,
        related_name="stream_metadata_versions",
        db_comment="Primary category in that period; null: none.",
    )

    objects: ClassVar[Any] = StreamMetadataVersionQuerySet.as_manager()

    class Meta:
        db_table_comment = (
            "One row per period in which a stream had the same words and category. Written by triggers. "
            "Kept with its stream."
        )
        constraints = [
            length_between("title", 1, 140),
            length_between("description", 0, 5000),
            rule(
                models.Q(language__regex="^[a-z]{2,3}$"), "language_format", "A language is an ISO 639 code."
            ),
            no_overlap("stream", during="valid", message="A stream has one title at a time."),
            rule(
                models.Q(valid__startswith__isnull=False),
                "valid_start",
                "A period of a title has a beginning.",
            ),
            *policies(*READERS, command="select", using=ALL),
            Policy(role=Role.PERFORMER, command="select", using=f"performer_id = {ME}"),
            Policy(role=Role.WORKER, command="insert", check="NOT upper_inf(valid)"),
        ]
        triggers = [KeptUntilReplaced(), TakesPerformer("stream")]

    def __str__(self) -> str:
        return self.title
