"""Recordings: what the recorder of a provider makes of a stream."""

from typing import Any

from django.db import models

from core.db.constraints import length_between, unique
from core.db.indexes import BTree
from core.db.policies import ALL, ME, Policy, policies
from core.db.roles import Role
from core.db.states import StateMachine
from core.db.triggers import Immutable
from core.models import Versioned, Volume
from streams.choices import RecordingStatus
from streams.models.stream import READERS
from streams.triggers import TakesPerformer


class Recording(Versioned):
    """One row per recording that a provider was asked for, in the states that its recorder reports."""

    volume, retention = Volume.LARGE, "with its archive; failed ones 90 days"

    performer = models.ForeignKey(
        "performers.PerformerProfile",
        models.PROTECT,
        # An index leads with it.
        db_index=False,
        related_name="recordings",
        db_comment="Whose recording it is; taken from the stream.",
    )
    stream = models.ForeignKey(
        "streams.Stream", models.PROTECT, related_name="recordings", db_comment="The stream that is recorded."
    )
    provider_reference = models.TextField(db_comment="The provider's id of the recording; unique.")
    status = models.TextField(
        choices=RecordingStatus,
        default=RecordingStatus.STARTING,
        db_comment="State that the recorder last reported; moves are enforced.",
    )

    status_machine = StateMachine(
        RecordingStatus,
        initial=[RecordingStatus.STARTING],
        moves={
            RecordingStatus.STARTING: [
                RecordingStatus.ACTIVE,
                RecordingStatus.ENDING,
                RecordingStatus.COMPLETE,
                RecordingStatus.FAILED,
                RecordingStatus.ABORTED,
                RecordingStatus.LIMIT_REACHED,
            ],
            RecordingStatus.ACTIVE: [
                RecordingStatus.ENDING,
                RecordingStatus.COMPLETE,
                RecordingStatus.FAILED,
                RecordingStatus.ABORTED,
                RecordingStatus.LIMIT_REACHED,
            ],
            RecordingStatus.ENDING: [
                RecordingStatus.COMPLETE,
                RecordingStatus.FAILED,
                RecordingStatus.ABORTED,
                RecordingStatus.LIMIT_REACHED,
            ],
        },
    )
    objects: Any = models.Manager()

    class Meta:
        db_table_comment = (
            "One row per recording. Written by streams.services.recordings. Kept with its archive."
        )
        constraints = [
            length_between("provider_reference", 1, 200),
            unique("provider_reference", message="This recording is known already."),
            *policies(*READERS, command="select", using=ALL),
            Policy(role=Role.PERFORMER, command="select", using=f"performer_id = {ME}"),
            Policy(role=Role.WORKER, command="insert", check="status = 'starting'"),
            Policy(
                role=Role.WORKER,
                command="update",
                using="status IN ('starting', 'active', 'ending')",
                check="performer_id IS NOT NULL",
            ),
        ]
        indexes = [
            BTree(fields=["performer", "-id"], serves="A performer's page: her recordings, newest first")
        ]
        triggers = [Immutable("performer", "stream", "provider_reference"), TakesPerformer("stream")]

    def __str__(self) -> str:
        return self.provider_reference
