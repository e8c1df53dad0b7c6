"""The words of an event that may have to be erased, apart from the event itself."""

from hashlib import sha256
from ipaddress import ip_address
from uuid import UUID

from django.db import models

from audit.choices import Area
from audit.models.trail.readers import AREA_READERS, OVERSEERS
from audit.triggers import KeepWords
from core.archive.declaration import Archived
from core.db.constraints import has_bytes, length_between, one_of, rule
from core.db.holds import HeldBy
from core.db.partitions.calendar import Every, PartitionPlan
from core.db.policies import ALL, Policy, policies
from core.db.privacy import not_personal, personal
from core.models.partitioned import Partitioned
from core.models.storage import Volume

SALT_BYTES = 16
DOMAIN = b"audit_label 1"


def label_digest(
    event_id: UUID,
    salt: bytes,
    actor_label: str | None,
    subject_label: str | None,
    address: str | None,
    reason: str | None,
) -> bytes:
    """The SHA-256 that the event keeps of its words: what `audit_label_digest` computes in the database.

    Over: the name of this encoding, the 16 bytes of the event's id, the salt, then each part in order. A part
    that is null is one byte 0; another is one byte 1, its length in eight bytes (big-endian), and its bytes: text in
    UTF-8, an address as its 4 or 16 bytes. Raises ValueError for an address that is none.
    """
    parts = (
        actor_label.encode() if actor_label is not None else None,
        subject_label.encode() if subject_label is not None else None,
        ip_address(address).packed if address is not None else None,
        reason.encode() if reason is not None else None,
    )
    digest = sha256(DOMAIN + event_id.bytes + salt)
    for part in parts:
        digest.update(b"\x00" if part is None else b"\x01" + len(part).to_bytes(8, "big") + part)
    return digest.digest()


ERASED = "nullif(current_setting('app.erased_person', true), '')::uuid"
"""Whose words `audit_labels_erase` erases at this moment."""


def _of_event(column: str, when: str) -> str:
    """SQL: a column of the label's event, wherever that is: the events of a month may leave before their labels."""
    return (
        f"coalesce((SELECT e.{column} FROM audit_event e WHERE e.id = {{row}}.id AND {when}), "
        f"(SELECT e.{column} FROM audit_heldrow h "
        "CROSS JOIN LATERAL jsonb_populate_record(NULL::audit_event, h.content) e "
        f"WHERE h.source_table = 'audit_event' AND h.source_id = {{row}}.id AND {when} LIMIT 1))"
    )


class Label(Partitioned):
    """One row per event that has words: names as they were, network address, reason.

    Written by the function `audit_record` with the event, whose id it has. Erasing the row leaves the event whole:
    that keeps a digest, which nobody can trace back to the words once the salt is gone with them.
    """

    volume, retention = Volume.FIREHOSE, "7 years, unless erased before"
    to_archive = Archived(online="2 years", omits_erased=True, told_by_others=True, before=("audit.Event",))
    held_by = HeldBy(
        person=(
            _of_event("actor_id", "true"),
            _of_event("subject_id", "e.subject_type IN ('accounts.user', 'performers.performerprofile')"),
        ),
        stream=(_of_event("subject_id", "e.subject_type = 'streams.stream'"),),
        archive=(_of_event("subject_id", "e.subject_type = 'streams.archive'"),),
        # The erasure of one person takes words with which another is held; whoever is held is not erased.
        gives_way=f"{ERASED} IS NOT NULL AND NOT legal_hold_covers(ARRAY['person'], ARRAY[{ERASED}])",
    )

    area = models.TextField(choices=Area, db_comment="The area of the event; it decides who reads the words.")
    actor_label = personal(
        models.TextField(null=True, db_comment="Handle of the actor at that time; null: the system.")
    )
    subject_label = personal(
        models.TextField(null=True, db_comment="What the subject was called at that time.")
    )
    address = personal(
        models.GenericIPAddressField(
            null=True, db_comment="Network address of the request; null outside of requests."
        )
    )
    reason = personal(models.TextField(null=True, db_comment="Why, in the words of the actor."))
    salt = not_personal(
        models.BinaryField(db_comment="16 random bytes that make the digest of the event untraceable.")
    )

    partitions = PartitionPlan(every=Every.MONTH)

    class Meta:
        db_table_comment = (
            "One row per event of the trail that has erasable words: names, address, reason; its id is the event's. "
            "Written by audit_record. Kept 7 years unless erased before, of them 2 in the database."
        )
        constraints = [
            one_of("area", Area),
            length_between("actor_label", 1, 200),
            length_between("subject_label", 1, 200),
            length_between("reason", 1, 2000),
            rule(has_bytes("salt", SALT_BYTES), "salt", f"A salt has {SALT_BYTES} bytes."),
            *policies(*OVERSEERS, command="select", using=ALL),
            # A label is found by its id only, so no index leads with the area; the comparison is null-safe.
            *(
                Policy(
                    role=role,
                    command="select",
                    using=" OR ".join(f"area IS NOT DISTINCT FROM '{area.value}'" for area in areas),
                )
                for role, areas in AREA_READERS.items()
            ),
        ]
        triggers = [KeepWords()]

    def __str__(self) -> str:
        return f"words of event {self.pk}"

    @property
    def digest(self) -> bytes:
        """The digest of the words as they stand now; 32 bytes."""
        return label_digest(
            self.pk, bytes(self.salt), self.actor_label, self.subject_label, self.address, self.reason
        )
