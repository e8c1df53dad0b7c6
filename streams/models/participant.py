"""Who appears in a stream besides its performer, and what they consented to."""

from typing import Any, Self

from django.db import models
from django.db.models import F, Q

from accounts.erasure_triggers import RefuseErasedPerson
from core.db.constraints import one_of, rule, unique
from core.db.holds import HeldBy
from core.db.policies import ALL, ME, Policy, policies
from core.db.retention import Over
from core.db.roles import Role
from core.db.triggers import Immutable
from core.encryption import SealedTextField
from core.models import Versioned, Volume
from streams.choices import ReleaseScope
from streams.participation_triggers import JoiningGate, TakesPerson
from streams.triggers import TakesPerformer

EXAMINERS = (Role.COMPLIANCE, Role.AUDITOR)
INVOLVED = f"performer_id = {ME} OR person_id = {ME}"


class Participant(Versioned):
    """One row per person who appears in somebody else's stream, or is to appear.

    Named beforehand, they join when the stream goes live; while it is on air, a verified and released person joins
    and leaves. Written by `streams.services.participants`.
    """

    volume, retention = Volume.LARGE, "7 years after the end of the stream"
    over = Over(
        "streams_records_since({row}.stream_id)",
        found="{row}.stream_id IN (SELECT s.id FROM streams_stream s WHERE s.ended_at < {cut_off}) "
        "AND streams_records_since({row}.stream_id) < {cut_off}",
        alone=True,
        person="person",
    )
    held_by = HeldBy(person=("performer", "person"), stream=("stream",))

    stream = models.ForeignKey(
        "streams.Stream",
        models.PROTECT,
        # A unique rule leads with it.
        db_index=False,
        related_name="participants",
        db_comment="The stream in which the person appears.",
    )
    performer = models.ForeignKey(
        "performers.PerformerProfile",
        models.PROTECT,
        related_name="stream_participants",
        db_comment="Whose stream it is; taken from the stream.",
    )
    person = models.ForeignKey(
        "performers.PerformerProfile",
        models.PROTECT,
        related_name="participations",
        db_comment="Who appears; a performer too.",
    )
    joined_at = models.DateTimeField(
        null=True, blank=True, db_comment="When the person could first be seen (UTC); null: not yet."
    )
    left_at = models.DateTimeField(
        null=True,
        blank=True,
        db_comment="When the person left, or was taken off the list (UTC); null: did not.",
    )

    objects: Any = models.Manager()

    class Meta:
        db_table_comment = (
            "One row per person who appears in somebody else's stream. Written by streams.services.participants. "
            "Kept 7 years after the end of the stream."
        )
        constraints = [
            unique("stream", "person", message="This person is on the list of participants already."),
            rule(~Q(person=F("performer")), "person", "The performer of a stream is no participant of it."),
            rule(
                Q(joined_at__isnull=True) | Q(left_at__isnull=True) | Q(left_at__gte=F("joined_at")),
                "order",
                "A participant leaves after joining.",
            ),
            *policies(*EXAMINERS, command="select", using=ALL),
            Policy(role=Role.PERFORMER, command="select", using=INVOLVED),
            Policy(role=Role.PERFORMER, command="insert", check=f"performer_id = {ME}"),
            Policy(role=Role.PERFORMER, command="update", using=INVOLVED),
        ]
        triggers = [
            Immutable("stream", "performer", "person"),
            TakesPerformer("stream"),
            JoiningGate(),
            RefuseErasedPerson("performer", "person"),
        ]

    def __str__(self) -> str:
        return f"Participant {self.person_id}"


class ReleaseQuerySet(models.QuerySet):
    """Reads of consents."""

    def in_force(self) -> Self:
        """Consents that were not withdrawn."""
        return self.filter(withdrawn_at__isnull=True)


STREAM_OF_PARTICIPANT = "(SELECT p.stream_id FROM streams_participant p WHERE p.id = {row}.participant_id)"


class Release(Versioned):
    """One row per consent of a participant to a stream: to being shown live, or to being recorded.

    The reference to the signed document is sealed: compliance reveals it with a reason. Written by
    `streams.services.releases`.
    """

    volume, retention = Volume.LARGE, "7 years after the end of the stream; proof of consent"
    over = Over(
        f"streams_records_since({STREAM_OF_PARTICIPANT})",
        found="{row}.participant_id IN (SELECT p.id FROM streams_participant p "
        "JOIN streams_stream s ON s.id = p.stream_id WHERE s.ended_at < {cut_off}) "
        f"AND streams_records_since({STREAM_OF_PARTICIPANT}) < {{cut_off}}",
        alone=True,
        objects=("document",),
        person="person",
    )
    held_by = HeldBy(person=("performer", "person"))

    participant = models.ForeignKey(
        Participant,
        models.PROTECT,
        related_name="releases",
        db_comment="Whose appearance in which stream is consented to.",
    )
    performer = models.ForeignKey(
        "performers.PerformerProfile",
        models.PROTECT,
        related_name="stream_releases",
        db_comment="Whose stream it is; taken from the participant.",
    )
    person = models.ForeignKey(
        "performers.PerformerProfile",
        models.PROTECT,
        related_name="releases",
        db_comment="Who consents; taken from the participant.",
    )
    scope = models.TextField(choices=ReleaseScope, db_comment="To what the person consents.")
    document = SealedTextField(db_comment="Where the signed document lies.")
    signed_at = models.DateTimeField(db_comment="When it was signed (UTC).")
    withdrawn_at = models.DateTimeField(
        null=True, blank=True, db_comment="From when on the consent is withdrawn (UTC); null: it holds."
    )

    objects: Any = ReleaseQuerySet.as_manager()

    class Meta:
        db_table_comment = (
            "One row per consent of a participant to being shown or recorded. Written by streams.services.releases. "
            "Kept 7 years after the end of the stream, as proof."
        )
        permissions = [("reveal_release", "Can reveal releases, with a reason")]
        constraints = [
            one_of("scope", ReleaseScope),
            unique(
                "participant",
                "scope",
                when=Q(withdrawn_at__isnull=True),
                name="in_force",
                message="This consent is on record already.",
            ),
            rule(
                Q(withdrawn_at__isnull=True) | Q(withdrawn_at__gte=F("signed_at")),
                "withdrawn_at",
                "A consent is withdrawn after it was signed.",
            ),
            *policies(*EXAMINERS, command="select", using=ALL),
            Policy(role=Role.PERFORMER, command="select", using=INVOLVED),
            Policy(role=Role.PERFORMER, command="insert", check=INVOLVED),
            Policy(
                role=Role.PERFORMER,
                command="update",
                using=f"person_id = {ME}",
                check=f"person_id = {ME} AND withdrawn_at IS NOT NULL",
            ),
            Policy(
                role=Role.COMPLIANCE,
                command="update",
                using=f"person_id <> {ME} AND performer_id <> {ME}",
                check=f"person_id <> {ME} AND performer_id <> {ME} AND withdrawn_at IS NOT NULL",
            ),
        ]
        triggers = [
            Immutable("participant", "performer", "person", "scope", "document", "signed_at"),
            TakesPerformer("participant"),
            TakesPerson("participant"),
        ]

    def __str__(self) -> str:
        return self.get_scope_display()
