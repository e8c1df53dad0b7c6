"""Money of disputes that moved: what the provider took and gave, and what we took back for it."""

from typing import Any, ClassVar

from django.db import models
from django.db.models import F, Q

from billing.amounts import amount_field
from billing.dispute_choices import OF_PROVIDER, MovementKind
from billing.dispute_triggers import MovementIsPosted
from billing.models.currency import in_currency
from billing.payment_policies import payment_policies
from core.db.constraints import length_between, one_of, rule, unique
from core.db.holds import NotHeld
from core.db.indexes import BTree
from core.db.privacy import not_personal
from core.models import Fact, Identified, Volume

M = MovementKind


class DisputeMovement(Fact, Identified):
    """One row per movement of money of a dispute. All movements sum to the balance of the account of what is disputed.

    Those of the provider are recorded once by its name of them, whatever they say. Written by
    `billing.services.dispute_facts`.
    """

    volume, retention = Volume.LARGE, "10 years"
    held_by = NotHeld("Its dispute is kept 10 years by tax law, whoever asks, and it with the dispute.")

    dispute = models.ForeignKey(
        "billing.Dispute",
        models.PROTECT,
        # An index leads with it.
        db_index=False,
        related_name="movements",
        db_comment="Of which dispute it is a movement.",
    )
    provider_account = models.ForeignKey(
        "billing.ProviderAccount",
        models.PROTECT,
        # A unique rule leads with it.
        db_index=False,
        related_name="dispute_movements",
        db_comment="Through which account: that of the dispute.",
    )
    kind = models.TextField(choices=MovementKind, db_comment="By what it moved.")
    reference = not_personal(
        models.TextField(
            null=True, blank=True, db_comment="The provider's name of the movement; null: one of ours."
        )
    )
    amount = amount_field("What moved, without fee: above zero to us, below from us; ours the other way.")
    fee = amount_field("What the provider kept for it; negative: it gave a fee back.", default=0)
    net = models.GeneratedField(
        expression=F("amount") - F("fee"),
        output_field=models.BigIntegerField(),
        db_persist=True,
        db_comment="Amount less fee, in minor units: of movements of the provider, the change of our balance there.",
    )
    currency = in_currency("dispute_movements", "Currency of the movement, as the provider says.")
    moved_at = models.DateTimeField(db_comment="When, by the clock of the provider (UTC).")
    entry = models.ForeignKey(
        "billing.JournalEntry",
        models.PROTECT,
        related_name="dispute_movements",
        db_comment="The entry of the journal that books it.",
    )

    class Meta:
        db_table_comment = (
            "One row per movement of money of a dispute, the provider's and ours. Written by "
            "billing.services.dispute_facts. Kept 10 years."
        )
        constraints = [
            one_of("kind", MovementKind),
            length_between("reference", 1, 255),
            rule(
                Q(kind=M.WITHDRAWN, amount__lte=0)
                | Q(kind=M.REINSTATED, amount__gte=0)
                | Q(kind=M.TAKEN_BACK, amount__gt=0, fee=0)
                | Q(kind=M.GIVEN_BACK, amount__lt=0, fee=0),
                "amount",
                "What is withdrawn goes, what is reinstated comes, and only the provider takes a fee.",
            ),
            rule(~Q(amount=0, fee=0), "something", "A movement moves something."),
            rule(
                Q(kind__in=OF_PROVIDER, reference__isnull=False)
                | ~Q(kind__in=OF_PROVIDER) & Q(reference__isnull=True),
                "reference",
                "The movements of a provider have its name, and no others.",
            ),
            unique(
                "provider_account",
                "reference",
                when=Q(reference__isnull=False),
                name="reference",
                message="This movement is recorded already.",
            ),
            *payment_policies(update=False),
        ]
        indexes = [
            BTree(
                fields=["dispute", "id"],
                serves="docs/queries/movements_of_dispute.sql: what it cost, in order",
            ),
        ]
        triggers: ClassVar[Any] = [MovementIsPosted()]

    def __str__(self) -> str:
        return self.get_kind_display()
