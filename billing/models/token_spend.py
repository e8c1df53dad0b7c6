"""What tokens were spent on, from which lots, and what was taken back."""

from typing import Any

from django.conf import settings
from django.db import models
from django.db.models import F, Q

from accounts.erasure_triggers import RefuseErasedPerson
from billing.models.token_lot import MOST_MONEY, MOST_TOKENS
from billing.models.wallet import MONEY, MONEY_READERS
from billing.wallet_choices import SpendKind
from billing.wallet_triggers import BurnsWhatItSpends, NotOnesOwnSpend, TellsHigherFloors
from core.db.constraints import length_between, one_of, rule, unique
from core.db.figures import Told, tells_figures
from core.db.indexes import BTree
from core.db.policies import ALL, ME, Policy, policies
from core.db.privacy import not_personal, personal
from core.db.roles import Role
from core.models import Fact, Identified, Volume

MOST_GIFTS = 10_000
SPENT = "(SELECT s.{what} FROM billing_tokenspend s WHERE s.id = {{row}}.spend_id)"


def _of_kind(kind: SpendKind, field: str) -> Q:
    return Q(kind=kind, **{f"{field}__isnull": False}) | ~Q(kind=kind) & Q(**{f"{field}__isnull": True})


class TokenSpend(Fact, Identified):
    """One row per tip, gift, ticket, reward or minute of a private show that was paid with tokens.

    Without words: those are said in the chat, and a row of money outlives a person. Written by `billing.services`.
    """

    volume, retention = Volume.FIREHOSE, "10 years"
    held_by = MONEY

    wallet = models.ForeignKey(
        "billing.Wallet",
        models.PROTECT,
        related_name="spends",
        db_comment="From which wallet.",
    )
    viewer = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        models.PROTECT,
        # Two indexes lead with it.
        db_index=False,
        related_name="token_spends",
        db_comment="Who spent them.",
    )
    performer = models.ForeignKey(
        "performers.PerformerProfile",
        models.PROTECT,
        # Every tip to her would lock her row, all at once. A trigger looks, and no performer is ever deleted.
        db_constraint=False,
        # An index leads with it.
        db_index=False,
        related_name="token_spends",
        db_comment="The performer on whom they were spent.",
    )
    stream = models.ForeignKey(
        "streams.Stream",
        models.PROTECT,
        null=True,
        blank=True,
        # As above.
        db_constraint=False,
        # An index leads with it.
        db_index=False,
        related_name="token_spends",
        db_comment="During or for which stream; null: none.",
    )
    kind = models.TextField(choices=SpendKind, db_comment="On what they were spent.")
    tokens = not_personal(models.BigIntegerField(db_comment="How many tokens were burned."))
    gift_item = models.ForeignKey(
        "billing.GiftItem",
        models.PROTECT,
        null=True,
        blank=True,
        related_name="token_spends",
        db_comment="Which gift; null: it was none.",
    )
    quantity = models.IntegerField(null=True, blank=True, db_comment="How many gifts; null: it was none.")
    ticket_offer = models.ForeignKey(
        "billing.TicketOffer",
        models.PROTECT,
        null=True,
        blank=True,
        related_name="token_spends",
        db_comment="For which offer the ticket is; null: it was none.",
    )
    private_show = models.ForeignKey(
        "streams.PrivateShow",
        models.PROTECT,
        null=True,
        blank=True,
        related_name="token_spends",
        db_comment="Which private show; null: it was none.",
    )
    idempotency_key = models.TextField(
        db_comment="Given by who asked; the same key of the same viewer is the same spend."
    )
    entry = models.OneToOneField(
        "billing.JournalEntry",
        models.PROTECT,
        related_name="token_spend",
        db_comment="The entry of the journal that books it.",
    )
    spent_at = models.DateTimeField(db_comment="When (UTC); the instant that the id carries.")

    class Meta:
        db_table_comment = (
            "One row per tip, gift, ticket, reward or minute of a private show paid with tokens. "
            "Written by billing.services. Kept 10 years."
        )
        permissions = [("reverse_tokenspend", "Can reverse spends of tokens")]
        constraints = [
            one_of("kind", [kind for kind in SpendKind if kind != SpendKind.SUBSCRIPTION]),
            rule(
                Q(tokens__gte=1, tokens__lte=MOST_TOKENS),
                "tokens",
                f"Spend 1 to {MOST_TOKENS:,} tokens.",
            ),
            rule(~Q(performer=F("viewer")), "viewer", "Nobody spends tokens on themselves."),
            rule(_of_kind(SpendKind.GIFT, "gift_item"), "gift_item", "A gift, and nothing else, says which."),
            rule(
                Q(gift_item__isnull=True, quantity__isnull=True)
                | Q(gift_item__isnull=False, quantity__gte=1, quantity__lte=MOST_GIFTS),
                "quantity",
                f"Send 1 to {MOST_GIFTS:,} gifts at once.",
            ),
            rule(
                _of_kind(SpendKind.TICKET, "ticket_offer"),
                "ticket_offer",
                "A ticket, and nothing else, says for which offer.",
            ),
            rule(
                _of_kind(SpendKind.PRIVATE_SHOW, "private_show"),
                "private_show",
                "A minute, and nothing else, says of which show.",
            ),
            length_between("idempotency_key", 1, 100),
            unique(
                "viewer",
                "idempotency_key",
                message="This key was used before, for another spend. Make a new one.",
            ),
            *policies(*MONEY_READERS, Role.WORKER, command="select", using=ALL),
            Policy(role=Role.VIEWER, command="select", using=f"viewer_id = {ME}"),
            Policy(role=Role.PERFORMER, command="select", using=f"performer_id = {ME} OR viewer_id = {ME}"),
            Policy(role=Role.WORKER, command="insert", check=ALL),
        ]
        indexes = [
            BTree(
                fields=["performer", "-id"],
                serves="docs/queries/spends_on_performer.sql: a performer's page, newest first",
            ),
            BTree(
                fields=["viewer", "-id"],
                serves="docs/queries/spends_of_viewer.sql: own spends of a viewer, newest first",
            ),
            BTree(
                fields=["stream", "-id"],
                condition=Q(stream__isnull=False),
                serves="The page of a stream: what was spent during it; goals of engagement",
            ),
        ]
        triggers = [
            RefuseErasedPerson("viewer", "performer"),
            BurnsWhatItSpends("id"),
            TellsHigherFloors("billing_spends_made"),
            *tells_figures(
                Told("spends", "{row}.performer_id", "{row}.spent_at"),
                Told("stream_spends", "{row}.stream_id", "{row}.spent_at"),
            ),
        ]

    def __str__(self) -> str:
        return f"{self.get_kind_display()} of {self.tokens:,} tokens"


class LotConsumption(Fact, Identified):
    """One row per lot from which a spend took tokens, with what these had cost."""

    volume, retention = Volume.FIREHOSE, "10 years"
    held_by = MONEY

    spend = models.ForeignKey(
        TokenSpend,
        models.PROTECT,
        # The unique constraint's index leads with it.
        db_index=False,
        related_name="consumptions",
        db_comment="What they were spent on.",
    )
    lot = models.ForeignKey(
        "billing.TokenLot",
        models.PROTECT,
        related_name="consumptions",
        db_comment="From which lot.",
    )
    tokens = not_personal(models.BigIntegerField(db_comment="How many tokens of it."))
    cost = models.BigIntegerField(
        db_comment="What these cost, in minor units of the lot's currency; the last of a lot take the remainder."
    )

    class Meta:
        db_table_comment = (
            "One row per lot from which a spend took tokens. Written by billing.services. Kept 10 years."
        )
        constraints = [
            rule(
                Q(tokens__gte=1, tokens__lte=MOST_TOKENS, cost__gte=0, cost__lte=MOST_MONEY),
                "tokens",
                "A spend takes at least one token of a lot.",
            ),
            unique("spend", "lot", message="A spend takes from a lot once."),
            *policies(*MONEY_READERS, Role.WORKER, command="select", using=ALL),
            Policy(role=Role.WORKER, command="insert", check=ALL),
        ]
        triggers = [BurnsWhatItSpends("spend_id")]

    def __str__(self) -> str:
        return f"{self.tokens:,} tokens"


class SpendReversal(Fact, Identified):
    """One row per spend that staff took back: opposite postings, lots restored.

    What the performer had paid out already is a debt to the platform (`shortfall`). Written by
    `billing.services.spend_reversals`.
    """

    volume, retention = Volume.LARGE, "10 years"
    held_by = MONEY

    spend = models.OneToOneField(
        TokenSpend, models.PROTECT, related_name="reversal", db_comment="What was taken back."
    )
    reason = personal(models.TextField(db_comment="Why, in the words of who decided; without names."))
    reversed_by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        models.PROTECT,
        null=True,
        blank=True,
        related_name="spend_reversals",
        db_comment="The member of staff who decided; null: the system.",
    )
    shortfall = models.BigIntegerField(
        db_comment="Tokens that the performer had no longer and owes (receivable); 0: none."
    )
    entry = models.OneToOneField(
        "billing.JournalEntry",
        models.PROTECT,
        related_name="spend_reversal",
        db_comment="The entry of the journal that turns the first one round.",
    )
    reversed_at = models.DateTimeField(db_comment="When (UTC), by the clock of the database.")

    class Meta:
        db_table_comment = (
            "One row per spend of tokens that was taken back. Written by billing.services.spend_reversals. "
            "Kept 10 years."
        )
        constraints = [
            length_between("reason", 3, 2000),
            rule(Q(shortfall__gte=0), "shortfall", "A shortfall is zero or more."),
            *policies(*MONEY_READERS, Role.WORKER, command="select", using=ALL),
            Policy(role=Role.WORKER, command="insert", check=ALL),
        ]
        triggers: list[Any] = [
            NotOnesOwnSpend(),
            TellsHigherFloors("billing_spends_taken_back"),
            # The hour that changes is that of the spend.
            *tells_figures(
                Told("spends", SPENT.format(what="performer_id"), SPENT.format(what="spent_at")),
                Told("stream_spends", SPENT.format(what="stream_id"), SPENT.format(what="spent_at")),
            ),
        ]

    def __str__(self) -> str:
        return f"Reversal of {self.spend}"
