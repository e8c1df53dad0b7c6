"""One model of every kind of row, with the least that shows its rules."""

from django.db import models

from core.db.constraints import length_between, no_overlap, unique_without_case
from core.db.indexes import BTree
from core.db.policies import ALL, ME, Policy
from core.db.privacy import personal
from core.db.roles import Role
from core.db.states import StateMachine
from core.db.triggers import Immutable
from core.models import LIVING, EffectiveDated, Entity, Fact, History, Identified, SoftDeletable, Versioned


class Stage(models.TextChoices):
    """Where an errand stands."""

    OPEN = "open", "Open"
    DONE = "done", "Done"
    GONE = "gone", "Gone"


class Errand(Versioned):
    """An entity with a state machine, an immutable column, history and policies."""

    owner_id = personal(models.UUIDField(db_comment="Whose errand it is."))
    title = models.TextField(db_comment="What is to be done.")
    stage = models.TextField(choices=Stage, default=Stage.OPEN, db_comment="Where it stands.")

    stages = StateMachine(
        Stage,
        field="stage",
        initial=[Stage.OPEN],
        moves={Stage.OPEN: [Stage.DONE], Stage.DONE: [Stage.OPEN, Stage.GONE]},
    )
    history = History()

    class Meta:
        db_table_comment = "Errands, for tests."
        constraints = [
            length_between("title", 1, 40),
            Policy(role=Role.VIEWER, command="select", using=f"owner_id = {ME}"),
            Policy(role=Role.VIEWER, command="insert", check=f"owner_id = {ME}"),
            Policy(role=Role.MODERATOR, command="select", using=ALL),
            Policy(role=Role.MODERATOR, command="update", using=f"owner_id <> {ME}"),
        ]
        indexes = [BTree(fields=["owner_id", "-id"], serves="tests: the errands of a person, newest first")]
        triggers = [Immutable("owner_id")]


class Measurement(Identified, Fact):
    """A fact that is not partitioned."""

    amount = models.IntegerField(db_comment="What was measured; no unit.")

    class Meta:
        db_table_comment = "Measurements, for tests."


class Label(SoftDeletable, Entity):
    """Something that is deleted softly, and whose name is free again then."""

    name = models.TextField(db_comment="Name of the label.")

    class Meta(SoftDeletable.Meta):
        db_table_comment = "Labels, for tests."
        constraints = [unique_without_case("name", when=LIVING, message="There is such a label.")]


class Price(EffectiveDated):
    """Something that holds for a period."""

    article = models.TextField(db_comment="What it is the price of.")
    amount_minor = models.BigIntegerField(db_comment="Price in minor units of the euro.")

    class Meta:
        db_table_comment = "Prices, for tests."
        constraints = [
            no_overlap("article", during="valid", message="There is a price for that period."),
            models.CheckConstraint(condition=models.Q(amount_minor__gte=0), name="kernel_price_amount_check"),
        ]
