"""What people feel about streams and archives, a sign at a time."""

from typing import Any, ClassVar

from django.conf import settings
from django.db import models
from django.db.models import F, Q

from accounts.erasure_triggers import RefuseErasedPerson
from core.db.constraints import one_of, rule, unique
from core.db.holds import HeldBy
from core.db.indexes import BTree
from core.db.partitions.calendar import Every, PartitionPlan
from core.db.policies import ALL, policies
from core.db.retention import Over
from core.db.triggers import Immutable
from core.models import Identified, Volume
from core.models.partitioned import Partitioned, PartitionedQuerySet
from engagement.counter_triggers import Counted, counts
from engagement.tie_choices import CounterKind, CounterSubject, ReactionKind
from engagement.tie_policies import TIE_READERS, own_rows
from engagement.tie_triggers import (
    ClaimsReaction,
    FreesReaction,
    ReactsToWhatIsThere,
    RefusesBlocked,
)

TARGETS = (CounterSubject.STREAM, CounterSubject.ARCHIVE)


class Reaction(Partitioned):
    """One row per reaction of a person to a stream or an archive; deleted when it is taken back.

    A person reacts in one kind to one target once, in whatever month: `ReactionKey` sees to it. Written by
    `engagement.services.reactions`.
    """

    volume, retention = Volume.FIREHOSE, "13 months"
    held_by = HeldBy(person=("user",))

    user = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        models.PROTECT,
        # An index leads with it.
        db_index=False,
        related_name="+",
        db_comment="Who reacts.",
    )
    target_type = models.TextField(choices=CounterSubject, db_comment="To what kind of thing.")
    target = models.UUIDField(db_comment="To which stream or archive; the trigger sees that it is there.")
    performer = models.ForeignKey(
        "performers.PerformerProfile",
        models.PROTECT,
        # An index leads with it.
        db_index=False,
        related_name="+",
        db_comment="Whose stream or archive it is; taken from the target.",
    )
    kind = models.TextField(choices=ReactionKind, db_comment="What it says.")

    partitions = PartitionPlan(every=Every.MONTH, behind=1)
    objects: ClassVar[Any] = PartitionedQuerySet.as_manager()

    class Meta:
        db_table_comment = (
            "One row per reaction to a stream or an archive. Written by engagement.services.reactions. "
            "Kept 13 months."
        )
        constraints = [
            one_of("target_type", TARGETS),
            one_of("kind", ReactionKind),
            rule(~Q(user=F("performer")), "oneself", "Nobody reacts to their own."),
            *policies(*TIE_READERS, command="select", using=ALL),
            *own_rows("user_id", "select", "insert", "delete"),
        ]
        indexes = [
            BTree(
                fields=["user", "-id"],
                serves="engagement_person_erase, the page of a person: their reactions, newest first",
            ),
            BTree(fields=["performer", "id"], serves="A performer's reactions in a period"),
        ]
        triggers = [
            Immutable("user", "target_type", "target", "performer", "kind"),
            ReactsToWhatIsThere(),
            RefuseErasedPerson("user"),
            RefusesBlocked(),
            ClaimsReaction(),
            FreesReaction(),
        ]

    def __str__(self) -> str:
        return self.get_kind_display()


class ReactionKey(Identified):
    """One row per reaction: the place where a person, a target and a kind meet once, whatever partition holds it.

    Written by triggers of `Reaction` alone; counted by its own, so that the counter of a target is the number of its
    keys.
    """

    volume, retention = Volume.LARGE, "13 months"
    over = Over()
    held_by = HeldBy(person=("user",))

    user = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        models.PROTECT,
        # The unique index leads with it.
        db_index=False,
        related_name="reaction_keys",
        db_comment="Who reacts.",
    )
    target_type = models.TextField(choices=CounterSubject, db_comment="To what kind of thing.")
    target = models.UUIDField(db_comment="To which stream or archive.")
    kind = models.TextField(choices=ReactionKind, db_comment="What it says.")
    performer = models.ForeignKey(
        "performers.PerformerProfile",
        models.PROTECT,
        related_name="reaction_keys",
        db_comment="Whose stream or archive it is.",
    )
    reaction = models.UUIDField(
        db_comment="Id of the reaction, which names its partition; no key, since partitions are taken away."
    )

    class Meta:
        db_table_comment = (
            "One row per reaction, unique per person, target and kind. Written by triggers of engagement_reaction. "
            "Kept 13 months."
        )
        constraints = [
            one_of("target_type", TARGETS),
            one_of("kind", ReactionKind),
            unique("user", "target", "kind", message="You have reacted like this already."),
            *policies(*TIE_READERS, command="select", using=ALL),
            *own_rows("user_id", "select"),
        ]
        indexes = [
            BTree(
                fields=["target", "kind"],
                serves="engagement_counters_differences: reactions to a target, counted anew",
            ),
        ]
        triggers = [
            Immutable("user", "target_type", "target", "kind", "performer", "reaction"),
            *counts(
                CounterKind.REACTIONS,
                Counted(CounterSubject.STREAM, "target", "{row}.target_type = 'stream'"),
                Counted(CounterSubject.ARCHIVE, "target", "{row}.target_type = 'archive'"),
            ),
        ]

    def __str__(self) -> str:
        return self.get_kind_display()
