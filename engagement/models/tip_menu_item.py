"""The tip menu: what a performer does for how many tokens."""

from typing import Any, Self

from django.db import models
from django.db.models import Q, UniqueConstraint

from accounts.erasure_triggers import RefuseErasedPerson
from billing.models.token_lot import MOST_TOKENS
from core.db.constraints import TABLE, rule, without_case
from core.db.holds import HeldBy
from core.db.indexes import BTree
from core.db.privacy import not_personal
from core.db.retention import Over
from core.db.text import line
from core.db.triggers import Immutable
from core.models import History, Versioned, Volume
from engagement.interaction_policies import kept_by_performer, shown_to_all
from streams.models.erasable_history import HistoryOfPerformer

OFFERED = Q(retired_at__isnull=True)
MOST_PLACES = 100


class TipMenuItemQuerySet(models.QuerySet):
    """Reads of the tip menu."""

    def offered(self) -> Self:
        """What is on the menu, in its order."""
        return self.filter(OFFERED).order_by("position", "pk")


class TipMenuItem(Versioned):
    """One row per item of a performer's tip menu. A tip for it is of exactly its tokens.

    Written by `engagement.services.tip_menu_items`. An item is retired and not deleted, since tips name it.
    """

    volume, retention = Volume.LARGE, "13 months after its end"
    over = Over("{row}.retired_at")
    held_by = HeldBy(person=("performer",), keeps=("label",))

    performer = models.ForeignKey(
        "performers.PerformerProfile",
        models.PROTECT,
        # An index leads with it.
        db_index=False,
        related_name="tip_menu_items",
        db_comment="Whose menu it is.",
    )
    label = models.TextField(db_comment="What she does.")
    tokens = not_personal(models.BigIntegerField(db_comment="For how many tokens, at least 1."))
    position = models.SmallIntegerField(default=1, db_comment="Place on the menu, from 1; ties by age.")
    retired_at = models.DateTimeField(
        null=True, blank=True, db_comment="Since when it is off the menu (UTC); null: it is on it."
    )

    objects: Any = TipMenuItemQuerySet.as_manager()
    history = History(bases=(HistoryOfPerformer,))

    class Meta:
        db_table_comment = (
            "One row per item of a performer's tip menu. Written by engagement.services.tip_menu_items. "
            "Kept 13 months after its end."
        )
        permissions = [("retire_tipmenuitem", "Can take items off the tip menus of performers")]
        constraints = [
            *line("label", 80),
            rule(
                Q(tokens__gte=1, tokens__lte=MOST_TOKENS),
                "tokens",
                f"An item costs 1 to {MOST_TOKENS:,} tokens.",
            ),
            rule(
                Q(position__gte=1, position__lte=MOST_PLACES),
                "position",
                f"A menu has {MOST_PLACES} places.",
            ),
            UniqueConstraint(
                "performer",
                without_case("label"),
                condition=OFFERED,
                name=f"{TABLE}_label_key",
                violation_error_message="This is on the menu already.",
            ),
            *shown_to_all(),
            *kept_by_performer(staff="retired_at IS NOT NULL"),
        ]
        indexes = [
            BTree(
                fields=["performer", "position"],
                serves="docs/queries/tip_menu.sql: the menu of a performer in its order",
            ),
        ]
        triggers = [Immutable("performer"), RefuseErasedPerson("performer")]

    def __str__(self) -> str:
        return self.label

    @property
    def trail_name(self) -> str:
        """The item without its label, which an erasure destroys."""
        return f"tip menu item {self.pk}"
