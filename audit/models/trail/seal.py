"""Seals: what the trail was at an instant, chained and signed."""

from typing import Any

from django.db import models
from django.db.models import F, Q

from audit.seals.digests import SealColumns, seal_head
from audit.triggers import ChainSeals
from core.db.constraints import has_bytes, rule, unique
from core.db.fields import TransactionIdField
from core.models import Fact, Identified
from core.models.storage import Volume

DIGEST_BYTES = 32
SIGNATURE_BYTES = 64
FIRST = Q(number=1, previous__isnull=True) | Q(number__gt=1, previous__isnull=False)
EMPTY = Q(event_count=0, first_id__isnull=True, last_id__isnull=True)
FILLED = Q(event_count__gt=0, first_id__isnull=False, last_id__isnull=False, last_id__gte=F("first_id"))


class Seal(Fact, Identified):
    """One row per seal: how many events it covers, the root of their digests, and the signature that chains it.

    Covers the events whose transaction is below `horizon` and not covered before; below the horizon nothing runs any
    more, so nothing can appear there later. The first seal of an epoch covers all that are visible. Written by
    `audit.services.seals`; the key that signs is not in the database.
    """

    volume, retention = Volume.LARGE, "for ever"

    number = models.BigIntegerField(db_comment="Place in the chain, from 1 without a gap.")
    previous = models.ForeignKey(
        "self",
        models.PROTECT,
        null=True,
        # The unique rule leads with it.
        db_index=False,
        related_name="following",
        db_comment="The seal before it; null for the first alone.",
    )
    epoch = models.SmallIntegerField(
        db_comment="Counts the clusters that the trail lived in, from 1: transaction numbers start anew in each."
    )
    cluster = models.BigIntegerField(db_comment="System identifier of the cluster in which it was sealed.")
    horizon = TransactionIdField(
        db_comment="Events of transactions before this one are covered, by this seal or an earlier one."
    )
    event_count = models.BigIntegerField(db_comment="How many events it covers.")
    first_id = models.UUIDField(null=True, db_comment="The smallest id it covers; null: it covers none.")
    last_id = models.UUIDField(null=True, db_comment="The largest id it covers; null: it covers none.")
    root = models.BinaryField(
        db_comment="Root of the Merkle tree (RFC 6962, SHA-256) over the digests in audit_sealleaf, by id; 32 bytes."
    )
    head = models.BinaryField(
        db_comment="SHA-256 over this row and the head before it (see audit_seal_head); 32 bytes."
    )
    signature = models.BinaryField(db_comment="Ed25519 (RFC 8032) over the head; 64 bytes.")
    key_number = models.SmallIntegerField(
        db_comment="Which signing key signed it: signing_<number>.public.pem."
    )
    sealed_at = models.DateTimeField(db_comment="When it was sealed (UTC, by the clock of the database).")

    objects: Any = models.Manager()

    class Meta:
        db_table_comment = (
            "One row per seal of the trail: what it covers, chained to the seal before and signed by a key outside of "
            "the database. Written by audit.services.seals. Kept for ever."
        )
        constraints = [
            unique("number"),
            unique("previous", message="Another seal follows that one already."),
            rule(FIRST, "number", "Only the first seal has none before it."),
            rule(Q(epoch__gte=1), "epoch", "Epochs are counted from 1."),
            rule(EMPTY | FILLED, "event_count", "A seal that covers events names the first and the last."),
            rule(has_bytes("root", DIGEST_BYTES), "root", f"A root has {DIGEST_BYTES} bytes."),
            rule(has_bytes("head", DIGEST_BYTES), "head", f"A head has {DIGEST_BYTES} bytes."),
            rule(
                has_bytes("signature", SIGNATURE_BYTES),
                "signature",
                f"A signature has {SIGNATURE_BYTES} bytes.",
            ),
            rule(Q(key_number__range=(1, 255)), "key_number", "Keys have numbers from 1 to 255."),
        ]
        triggers = [ChainSeals()]

    def __str__(self) -> str:
        return f"seal {self.number}"

    def computed_head(self, previous_head: bytes | None) -> bytes:
        """The head that this row has after a seal with `previous_head`; 32 bytes."""
        return seal_head(
            SealColumns(
                number=self.number,
                previous_head=previous_head,
                epoch=self.epoch,
                horizon=self.horizon,
                cluster=self.cluster,
                event_count=self.event_count,
                first_id=self.first_id,
                last_id=self.last_id,
                root=bytes(self.root),
                sealed_at=self.sealed_at,
                key_number=self.key_number,
            )
        )
