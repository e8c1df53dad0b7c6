"""Reports of recorders: every callback of a provider, and what was done with it."""

from django.db import models
from django.db.models import F, Func, Q, Value
from django.db.models.functions import Cast, Length
from django.db.models.lookups import LessThanOrEqual

from accounts.erasure_triggers import BlankedOnErasure
from core.db.constraints import is_object, length_between, matches, one_of, rule, unique
from core.db.holds import HeldBy
from core.db.indexes import BTree
from core.db.policies import ALL, ME, Policy, policies
from core.db.privacy import personal
from core.db.retention import Over
from core.db.roles import Role
from core.models import Fact, Identified, Volume
from streams.choices import RecordingProvider, RecordingStatus, ReportOutcome
from streams.triggers import TakesPerformer

LARGEST_PAYLOAD = 65_536
"""Characters of a payload as JSON."""

HIDDEN_ENTRIES = (
    "secret|token|password|passphrase|authorization|credential|signature|cookie"
    "|api_?key|access_?key|stream_?key"
)
"""Keys of a payload whose values are never kept; a regular expression, whatever the letter case."""

NO_SECRETS = ~Q(
    Func(
        F("payload"),
        Value(f'$.** ? (@.type() == "object").keyvalue() ? (@.key like_regex "{HIDDEN_ENTRIES}" flag "i")'),
        function="jsonb_path_exists",
        output_field=models.BooleanField(),
    )
)


class RecordingReport(Fact, Identified):
    """One row per report of a provider about a recording, whether it changed anything or not.

    Written by `streams.services.recording_reports`. The payload is what the provider sent, without secrets; it is
    emptied when the performer is erased, since providers repeat names of rooms and people in it.
    """

    volume, retention = Volume.LARGE, "90 days after the recording is over"
    over = Over(
        "(SELECT r.ended_at FROM streams_recording r WHERE r.id = {row}.recording_id)",
        found="{row}.recording_id IN (SELECT r.id FROM streams_recording r WHERE r.ended_at < {cut_off})",
    )
    held_by = HeldBy(person=("performer",), recording=("recording",), keeps=("payload",))

    recording = models.ForeignKey(
        "streams.Recording",
        models.PROTECT,
        # An index leads with it.
        db_index=False,
        related_name="reports",
        db_comment="The recording that is reported on.",
    )
    performer = models.ForeignKey(
        "performers.PerformerProfile",
        models.PROTECT,
        # Erasure asks by it.
        related_name="recording_reports",
        db_comment="Whose recording it is; taken from the recording.",
    )
    provider = models.TextField(choices=RecordingProvider, db_comment="Who reports.")
    provider_event = models.TextField(db_comment="The provider's id of the report; unique per provider.")
    state = models.TextField(choices=RecordingStatus, db_comment="State that is reported.")
    reported_at = models.DateTimeField(db_comment="When, by the provider's clock (UTC).")
    received_at = models.DateTimeField(db_comment="When it reached us, by the database's clock (UTC).")
    outcome = models.TextField(choices=ReportOutcome, db_comment="What was done with it.")
    duplicate_of = models.ForeignKey(
        "self",
        models.PROTECT,
        null=True,
        blank=True,
        related_name="duplicates",
        db_comment="The report that said the same before, under another id; null: none did.",
    )
    payload = personal(
        models.JSONField(
            null=True,
            blank=True,
            db_comment="What the provider sent, a JSON object without secrets; null: emptied on erasure.",
        )
    )

    class Meta:
        db_table_comment = (
            "One row per report of a provider about a recording. Written by streams.services.recording_reports. "
            "Kept 90 days after the recording is over; payloads are emptied on erasure."
        )
        constraints = [
            one_of("provider", RecordingProvider),
            length_between("provider_event", 1, 200),
            matches("provider_event", "^[!-~]+$", "A provider's id has printable ASCII without spaces."),
            unique("provider", "provider_event", message="This report was taken before."),
            one_of("state", RecordingStatus),
            one_of("outcome", ReportOutcome),
            rule(
                Q(outcome=ReportOutcome.DUPLICATE, duplicate_of__isnull=False)
                | ~Q(outcome=ReportOutcome.DUPLICATE) & Q(duplicate_of__isnull=True),
                "duplicate_of",
                "A duplicate says of which report, and nothing else does.",
            ),
            rule(Q(is_object("payload")), "payload_shape", "A payload is a JSON object."),
            rule(
                Q(LessThanOrEqual(Length(Cast("payload", models.TextField())), LARGEST_PAYLOAD)),
                "payload_size",
                f"A payload has {LARGEST_PAYLOAD} characters at most.",
            ),
            rule(NO_SECRETS, "payload_secrets", "A payload is kept without keys, tokens and passwords."),
            *policies(
                Role.SUPPORT,
                Role.MODERATOR,
                Role.LEAD_MODERATOR,
                Role.COMPLIANCE,
                Role.AUDITOR,
                Role.ADMINISTRATOR,
                Role.WORKER,
                command="select",
                using=ALL,
            ),
            Policy(role=Role.PERFORMER, command="select", using=f"performer_id = {ME}"),
            Policy(role=Role.WORKER, command="insert", check="recording_id IS NOT NULL"),
        ]
        indexes = [
            BTree(
                fields=["recording", "-id"],
                serves="docs/queries/reports_of_recording.sql: what a recorder said, newest first",
            ),
        ]
        triggers = [TakesPerformer("recording"), BlankedOnErasure("performer", blanks=("payload",))]

    def __str__(self) -> str:
        return self.provider_event
