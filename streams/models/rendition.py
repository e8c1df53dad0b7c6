"""Renditions: the files of a recording, one per codec and height."""

from django.db import models
from django.db.models import F, Func, Q, Value
from django.db.models.functions import Cast, Concat

from core.db.constraints import length_between, matches, one_of, rule, unique
from core.db.holds import HeldBy
from core.db.indexes import BTree
from core.db.policies import ALL, ME, Policy, policies
from core.db.privacy import personal
from core.db.roles import Role
from core.db.triggers import Immutable
from core.models import Entity, Volume
from streams.choices import VideoCodec
from streams.triggers import TakesPerformer

LARGEST = 2**42
"""Bytes of a file: 4 TiB."""

KEEPERS = (
    Role.SUPPORT,
    Role.MODERATOR,
    Role.LEAD_MODERATOR,
    Role.COMPLIANCE,
    Role.AUDITOR,
    Role.ADMINISTRATOR,
    Role.WORKER,
)
"""Who reads where objects of archives lie; viewers get signed links and never a location."""


def own_folder(field: str) -> Func:
    """The condition that an object key lies in the folder of its performer (a null passes)."""
    return Func(
        F(field),
        Concat(
            Value("people/"),
            Cast(F("performer_id"), models.TextField()),
            Value("/"),
            output_field=models.TextField(),
        ),
        function="starts_with",
        output_field=models.BooleanField(),
    )


def object_key_rules(field: str) -> list[models.BaseConstraint]:
    """An object key is a path in the folder of its performer."""
    return [
        length_between(field, 45, 300),
        matches(field, "^people/[A-Za-z0-9/_.-]+$", "An object key is a path under people/."),
        rule(Q(own_folder(field)), f"{field}_folder", "An object lies in the folder of its performer."),
    ]


class Rendition(Entity):
    """One row per file of a recording, in the folder of its performer: `people/<id of the performer>/`."""

    volume, retention = Volume.LARGE, "until its archive is purged"
    held_by = HeldBy(person=("performer",), recording=("recording",), keeps=("object_key",))

    recording = models.ForeignKey(
        "streams.Recording",
        models.PROTECT,
        # A unique constraint leads with it.
        db_index=False,
        related_name="renditions",
        db_comment="The recording whose file it is.",
    )
    performer = models.ForeignKey(
        "performers.PerformerProfile",
        models.PROTECT,
        # An index leads with it.
        db_index=False,
        related_name="renditions",
        db_comment="Whose recording it is; taken from the recording.",
    )
    codec = models.TextField(choices=VideoCodec, db_comment="How the picture is coded.")
    height = models.IntegerField(db_comment="Height of the picture in pixels.")
    size_bytes = models.BigIntegerField(db_comment="Size in bytes.")
    object_key = personal(
        models.TextField(
            db_comment="Key in object storage: people/<performer id>/<name>. Never an address on the web."
        )
    )

    class Meta:
        db_table_comment = (
            "One row per file of a recording. Written by streams.services.recordings. "
            "Kept until its archive is purged."
        )
        constraints = [
            one_of("codec", VideoCodec),
            rule(Q(height__gte=120, height__lte=4320), "height", "A picture is 120 to 4320 pixels high."),
            rule(Q(size_bytes__gte=1, size_bytes__lte=LARGEST), "size_bytes", "A file has 1 byte to 4 TiB."),
            *object_key_rules("object_key"),
            unique(
                "recording",
                "codec",
                "height",
                message="There is a rendition of this codec and height already.",
            ),
            unique("object_key", message="This object is in use already."),
            *policies(*KEEPERS, command="select", using=ALL),
            Policy(role=Role.PERFORMER, command="select", using=f"performer_id = {ME}"),
            Policy(role=Role.WORKER, command="insert", check="recording_id IS NOT NULL"),
        ]
        indexes = [BTree(fields=["performer"], serves="Erasure of a performer: the keys of her files")]
        triggers = [
            Immutable("recording", "performer", "codec", "height", "object_key"),
            TakesPerformer("recording"),
        ]

    def __str__(self) -> str:
        return f"{self.get_codec_display()} {self.height}p"
