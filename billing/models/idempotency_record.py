"""What was asked for by which key, so that asking again gives the first answer."""

from django.db import models

from billing.payment_policies import payment_policies
from core.db.constraints import has_bytes, is_object, length_between, rule, unique
from core.db.holds import NotHeld
from core.db.triggers import Immutable
from core.models import Entity, Volume

DIGEST_BYTES = 32


class IdempotencyRecord(Entity):
    """One row per operation and key of whoever asked. Written first, in the transaction of the operation.

    A second one of the same key waits for the first one's end, and finds its answer. Written by `billing.idempotency`.
    """

    volume, retention = Volume.LARGE, "10 years"
    held_by = NotHeld("It names rows, which are kept 10 years by tax law, and a digest.")

    operation = models.TextField(db_comment="What was asked for, as refund_request.")
    key = models.TextField(db_comment="The key that whoever asked gave it.")
    request_hash = models.BinaryField(db_comment="SHA-256 of the arguments; 32 bytes.")
    response = models.JSONField(
        default=dict,
        db_comment="Table and key of the row that was the answer; empty until the operation ends.",
    )

    class Meta:
        db_table_comment = (
            "One row per operation and key of whoever asked, with the first answer. Written by billing.idempotency. "
            "Kept 10 years."
        )
        constraints = [
            unique("operation", "key", message="This key was used before."),
            length_between("operation", 1, 60),
            length_between("key", 1, 255),
            rule(
                has_bytes("request_hash", DIGEST_BYTES), "request_hash", f"A digest has {DIGEST_BYTES} bytes."
            ),
            rule(is_object("response"), "response", "An answer is kept as a JSON object."),
            *payment_policies(),
        ]
        triggers = [Immutable("operation", "key", "request_hash")]

    def __str__(self) -> str:
        return f"{self.operation} {self.key}"
