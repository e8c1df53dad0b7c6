"""Evidence in disputes: what is told the bank of the payer."""

from typing import Any, ClassVar

from django.conf import settings
from django.db import models

from billing.dispute_choices import EvidenceKind
from billing.dispute_triggers import EvidenceInTime
from billing.payment_policies import payment_policies
from core.db.constraints import length_between, one_of, unique
from core.db.holds import NotHeld
from core.db.privacy import personal
from core.db.triggers import Immutable
from core.models import Versioned, Volume

LONGEST = 20_000
"""Signs of one piece; Stripe takes 150,000 of all together."""


class DisputeEvidence(Versioned):
    """One row per dispute and kind of evidence; it changes until it is submitted, and never again.

    Written by `billing.services.dispute_evidence`.
    """

    volume, retention = Volume.LARGE, "10 years"
    held_by = NotHeld("Its dispute is kept 10 years by tax law, whoever asks, and it with the dispute.")

    dispute = models.ForeignKey(
        "billing.Dispute",
        models.PROTECT,
        # The unique rule leads with it.
        db_index=False,
        related_name="evidence",
        db_comment="In which dispute.",
    )
    kind = models.TextField(choices=EvidenceKind, db_comment="What it is.")
    words = personal(models.TextField(db_comment="What is told."))
    written_by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        models.PROTECT,
        related_name="dispute_evidence",
        db_comment="Who wrote it last.",
    )

    class Meta:
        verbose_name_plural = "dispute evidence"
        db_table_comment = (
            "One row per dispute and kind of evidence, until it is sent. Written by "
            "billing.services.dispute_evidence. Kept 10 years."
        )
        constraints = [
            one_of("kind", EvidenceKind),
            length_between("words", 3, LONGEST),
            unique("dispute", "kind", message="There is evidence of this kind already: change it."),
            *payment_policies(),
        ]
        triggers: ClassVar[Any] = [Immutable("dispute", "kind"), EvidenceInTime()]

    def __str__(self) -> str:
        return self.get_kind_display()
