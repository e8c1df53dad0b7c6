"""The social side of tips and gifts: words, and what is shown. Each exists only with its entry of the journal."""

from typing import Any, Self

from django.conf import settings
from django.db import models
from django.db.models import F, Q
from django.db.models.functions import Now

from accounts.erasure_triggers import RefuseErasedPerson
from core.db.constraints import rule
from core.db.holds import HeldBy
from core.db.indexes import BTree
from core.db.policies import ALL, ME, Policy, policies
from core.db.privacy import not_personal, personal
from core.db.retention import Over
from core.db.roles import Role
from core.db.text import line
from core.db.triggers import Immutable
from core.models import Fact, Identified, Versioned, Volume
from engagement.interaction_policies import MODERATORS, PEOPLE, STAFF
from engagement.interaction_triggers import AdmitsPerson
from engagement.tip_triggers import TakesTip


def concerned() -> list[Policy]:
    """Who gave reads it, whom it was given to, and staff; never the crowd, to whom the chat shows it."""
    return [
        *policies(*STAFF, Role.WORKER, command="select", using=ALL),
        Policy(role=Role.VIEWER, command="select", using=f"sender_id = {ME}"),
        Policy(role=Role.PERFORMER, command="select", using=f"performer_id = {ME} OR sender_id = {ME}"),
    ]


class TipMessageQuerySet(models.QuerySet):
    """Reads of tip messages."""

    def shown(self) -> Self:
        """Those that no moderator took away."""
        return self.filter(hidden_at__isnull=True)


class TipMessage(Versioned):
    """One row per tip with words, or for an item of the menu. It names the entry of the journal that books the tip.

    Written by `engagement.services.tip_messages`, in the transaction of the tip.
    """

    volume, retention = Volume.LARGE, "13 months"
    over = Over()
    held_by = HeldBy(person=("sender", "performer"), keeps=("body",))

    entry = models.OneToOneField(
        "billing.JournalEntry",
        models.PROTECT,
        related_name="tip_message",
        db_comment="The entry of the journal that books the tip.",
    )
    performer = models.ForeignKey(
        "performers.PerformerProfile",
        models.PROTECT,
        # An index leads with it.
        db_index=False,
        related_name="tip_messages",
        db_comment="To whom; taken from the tip.",
    )
    sender = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        models.PROTECT,
        # An index leads with it.
        db_index=False,
        related_name="tip_messages",
        db_comment="Who tipped; taken from the tip.",
    )
    stream = models.ForeignKey(
        "streams.Stream",
        models.PROTECT,
        null=True,
        blank=True,
        related_name="tip_messages",
        db_comment="During which stream; taken from the tip; null: none.",
    )
    tokens = not_personal(
        models.BigIntegerField(default=0, editable=False, db_comment="How many tokens; taken from the tip.")
    )
    menu_item = models.ForeignKey(
        "engagement.TipMenuItem",
        models.PROTECT,
        null=True,
        blank=True,
        related_name="tip_messages",
        db_comment="For which item of the menu; null: for none.",
    )
    body = personal(models.TextField(db_comment="What was said with it; of a menu item its label."))
    sent_at = models.DateTimeField(
        db_default=Now(), editable=False, db_comment="When (UTC); taken from the tip."
    )
    hidden_at = models.DateTimeField(
        null=True,
        blank=True,
        db_comment="Since when a moderator hides the words (UTC); null: they are shown.",
    )
    hidden_by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        models.PROTECT,
        null=True,
        blank=True,
        related_name="tip_messages_hidden",
        db_comment="Who hides the words; null: nobody.",
    )

    objects: Any = TipMessageQuerySet.as_manager()

    class Meta:
        db_table_comment = (
            "One row per tip with words. Written by engagement.services.tip_messages. Kept 13 months."
        )
        permissions = [("hide_tipmessage", "Can hide the words of tips, and show them again")]
        constraints = [
            *line("body", 300),
            rule(~Q(sender=F("performer")), "sender", "Nobody tips themselves."),
            rule(
                Q(hidden_at__isnull=True, hidden_by__isnull=True)
                | Q(hidden_at__isnull=False, hidden_by__isnull=False),
                "hidden",
                "Words are hidden by somebody, since some time.",
            ),
            *concerned(),
            *policies(*PEOPLE, command="insert", check=f"sender_id = {ME} AND hidden_at IS NULL"),
            *policies(
                *MODERATORS,
                command="update",
                using=f"sender_id <> {ME} AND performer_id <> {ME}",
                check=f"hidden_by_id IS NULL OR hidden_by_id = {ME}",
            ),
        ]
        indexes = [
            BTree(
                fields=["performer", "-id"],
                serves="docs/queries/tip_messages_of_performer.sql: what she was told with tips, newest first",
            ),
            BTree(fields=["sender", "-id"], serves="A person's page: words with tips, newest first"),
        ]
        triggers = [
            Immutable("entry", "performer", "sender", "stream", "tokens", "menu_item", "sent_at"),
            TakesTip(),
            AdmitsPerson("sender", "performer", bars=("chat", "tip", "sign_in")),
            RefuseErasedPerson("sender", "performer"),
        ]

    def __str__(self) -> str:
        return f"Words with a tip of {self.tokens:,} tokens"


class GiftSent(Fact, Identified):
    """One row per gift that was sent, for those who show it: what, how many, by whom.

    Written by the statement that writes the spend, through `billing_spends_made`, whoever sends and however; nobody
    else may write one. Without words: those are said in the chat.
    """

    volume, retention = Volume.LARGE, "13 months"
    over = Over()
    held_by = HeldBy(person=("sender", "performer"))

    entry = models.OneToOneField(
        "billing.JournalEntry",
        models.PROTECT,
        related_name="gift_sent",
        db_comment="The entry of the journal that books the gift.",
    )
    performer = models.ForeignKey(
        "performers.PerformerProfile",
        models.PROTECT,
        # An index leads with it.
        db_index=False,
        related_name="gifts_received",
        db_comment="The performer who was sent it.",
    )
    sender = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        models.PROTECT,
        # An index leads with it.
        db_index=False,
        related_name="gifts_sent",
        db_comment="Who sent it.",
    )
    stream = models.ForeignKey(
        "streams.Stream",
        models.PROTECT,
        null=True,
        blank=True,
        related_name="gifts_sent",
        db_comment="During which stream; null: none.",
    )
    gift_item = models.ForeignKey(
        "billing.GiftItem", models.PROTECT, related_name="gifts_sent", db_comment="Which gift."
    )
    quantity = models.IntegerField(db_comment="How many of it.")
    tokens = not_personal(models.BigIntegerField(db_comment="What they cost together, in tokens."))
    sent_at = models.DateTimeField(db_comment="When it was sent (UTC); the time of the spend.")

    class Meta:
        db_table_comment = "One row per gift that was sent. Written by billing_spends_made. Kept 13 months."
        verbose_name = "gift sent"
        verbose_name_plural = "gifts sent"
        constraints = [
            rule(Q(quantity__gte=1), "quantity", "A gift is sent at least once."),
            rule(Q(tokens__gte=1), "tokens", "A gift costs at least one token."),
            *concerned(),
        ]
        indexes = [
            BTree(
                fields=["performer", "-id"],
                serves="docs/queries/gifts_of_performer.sql: what she was sent, newest first",
            ),
            BTree(fields=["sender", "-id"], serves="A person's page: gifts sent, newest first"),
        ]

    def __str__(self) -> str:
        return f"{self.quantity:,} gifts for {self.tokens:,} tokens"
