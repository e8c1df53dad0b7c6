"""Decisions and their effects: what was decided on a case, on which ground, and what it did."""

from typing import Any, Self
from uuid import UUID

from django.conf import settings
from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models import F, Q

from audit.decision_triggers import (
    AsDecided,
    ReversalIsOnRecord,
    StampsDecision,
    StampsEffect,
)
from audit.effect_kinds import facts_agree
from audit.models.moderation.case import SEES_CASE, Case
from audit.models.moderation.policy import PolicyVersion
from audit.models.moderation.readers import CASE_STAFF, NOT_ABOUT_ME, OVERSEERS
from audit.moderation_choices import (
    AutomationDegree,
    DecisionKind,
    DecisionOutcome,
    EffectAxis,
    EffectKind,
    EffectResult,
    EffectSlot,
    SubjectKind,
)
from core.db.constraints import is_object, length_between, one_of, rule, unique
from core.db.fields import CurrentTransaction, TransactionIdField
from core.db.holds import HeldBy
from core.db.indexes import BTree
from core.db.policies import ALL, ME, policies
from core.db.privacy import personal
from core.db.retention import Over
from core.db.roles import Role
from core.db.text import paragraphs
from core.models import Fact, Identified, Volume

DECISION_WRITERS = (*CASE_STAFF, Role.COMPLIANCE)


class DecisionQuerySet(models.QuerySet):
    """Reads of decisions."""

    def about(self, person_id: UUID) -> Self:
        """What was decided about a person, the newest first."""
        return self.filter(person=person_id).order_by("-pk")

    def standing(self) -> Self:
        """Decisions that no later one reversed."""
        return self.filter(reversed_by__isnull=True)


class Decision(Fact, Identified):
    """One row per decision on a case. A wrong one is corrected by another that reverses it, never changed.

    Written by `audit.services.decisions` with its effects, its statement of reasons and its strike, in the transaction
    in which the services of the owning apps carry the effects out. When that transaction ends, the database refuses a
    violation without effect or statement, and a reversal that leaves an effect standing.
    """

    volume, retention = Volume.LARGE, "7 years"
    over = Over()
    held_by = HeldBy(person=("person",))

    case = models.ForeignKey(
        Case,
        models.PROTECT,
        # An index leads with it.
        db_index=False,
        related_name="decisions",
        db_comment="What was decided on.",
    )
    person = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        models.PROTECT,
        # An index leads with it.
        db_index=False,
        related_name="decisions_about",
        db_comment="About whom; taken from the case.",
    )
    kind = models.TextField(
        choices=DecisionKind, default=DecisionKind.ORIGINAL, db_comment="Why it was made."
    )
    outcome = models.TextField(choices=DecisionOutcome, db_comment="What it says.")
    policy_version = models.ForeignKey(
        PolicyVersion,
        models.PROTECT,
        null=True,
        blank=True,
        related_name="decisions",
        db_comment="The wording on which a violation rests, in force at that time; null: no violation.",
    )
    reasons = personal(
        models.TextField(
            db_comment="The facts and circumstances, in words for the person concerned; without names."
        )
    )
    decided_by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        models.PROTECT,
        null=True,
        blank=True,
        related_name="decisions_made",
        db_comment="Who decided; null: a machine alone.",
    )
    acting_role = models.TextField(
        db_comment="Database role in which it was decided; taken from the transaction."
    )
    decided_at = models.DateTimeField(db_comment="When (UTC), by the clock of the database; set by trigger.")
    territories = ArrayField(
        models.TextField(),
        default=list,
        blank=True,
        db_comment="ISO 3166-1 codes of the countries where its effects hold; empty: everywhere.",
    )
    automated_detection = models.BooleanField(
        default=False, db_comment="Whether a machine found it (DSA art. 17(3)(c))."
    )
    automated_decision = models.TextField(
        choices=AutomationDegree,
        default=AutomationDegree.NONE,
        db_comment="How far a machine decided it (DSA art. 17(3)(c)).",
    )
    reverses = models.OneToOneField(
        "self",
        models.PROTECT,
        null=True,
        blank=True,
        related_name="reversed_by",
        db_comment="The decision whose effects it undoes; null: it reverses none.",
    )
    appeal_until = models.DateTimeField(
        db_comment="Until when it can be appealed (UTC): six months (DSA art. 20(1)); set by trigger."
    )
    xact = TransactionIdField(
        db_default=CurrentTransaction(),
        editable=False,
        db_comment="Number of the transaction that wrote it; its effects, statement and strike belong to the same one.",
    )

    objects: Any = DecisionQuerySet.as_manager()

    class Meta:
        db_table_comment = (
            "One row per decision on a case; never changed, corrected by another one. Written by "
            "audit.services.decisions. Kept 7 years."
        )
        permissions = [("reverse_decision", "Can reverse decisions")]
        constraints = [
            one_of("kind", DecisionKind),
            one_of("outcome", DecisionOutcome),
            one_of("automated_decision", AutomationDegree),
            length_between("acting_role", 1, 63),
            *paragraphs("reasons", 5000),
            rule(~Q(reasons=""), "reasons", "A decision says why. Write the facts and circumstances."),
            rule(
                Q(outcome=DecisionOutcome.VIOLATION, policy_version__isnull=False)
                | ~Q(outcome=DecisionOutcome.VIOLATION) & Q(policy_version__isnull=True),
                "ground",
                "A violation is a violation of a policy: name the ground. Other decisions name none.",
            ),
            rule(
                Q(outcome=DecisionOutcome.REVERSAL, reverses__isnull=False)
                | ~Q(outcome=DecisionOutcome.REVERSAL) & Q(reverses__isnull=True),
                "reverses",
                "A reversal names the decision that it reverses, and nothing else does.",
            ),
            rule(
                Q(kind=DecisionKind.ORIGINAL) & ~Q(outcome=DecisionOutcome.REVERSAL)
                | ~Q(kind=DecisionKind.ORIGINAL) & Q(outcome=DecisionOutcome.REVERSAL),
                "kind_and_outcome",
                "A decision on a case is no reversal; one on an appeal, a correction or an undoing is.",
            ),
            rule(
                Q(decided_by__isnull=True) | ~Q(decided_by=F("person")),
                "own",
                "Nobody decides about themselves.",
            ),
            rule(
                Q(decided_by__isnull=False) | Q(automated_decision=AutomationDegree.FULL),
                "decided_by",
                "Somebody decides, or it is called fully automated.",
            ),
            *policies(*CASE_STAFF, command="select", using=NOT_ABOUT_ME),
            *policies(*OVERSEERS, Role.WORKER, command="select", using=ALL),
            *policies(
                *DECISION_WRITERS,
                command="insert",
                check=f"decided_by_id = {ME} AND {NOT_ABOUT_ME} AND {SEES_CASE}",
            ),
        ]
        indexes = [
            BTree(fields=["case", "-id"], serves="The page of a case: its decisions, newest first"),
            BTree(
                fields=["person", "-id"],
                serves="docs/queries/decisions_about_person.sql: a person's dossier, newest first",
            ),
        ]
        triggers = [StampsDecision(), ReversalIsOnRecord(), AsDecided()]

    def __str__(self) -> str:
        return f"{self.get_outcome_display()}, {self.decided_at:%Y-%m-%d %H:%M} UTC"

    @property
    def trail_name(self) -> str:
        """The trail names what was decided, not the reasons."""
        return str(self.get_outcome_display())


class DecisionEffect(Fact, Identified):
    """One row per effect of a decision, as carried out; an effect of a reversal undoes exactly one of these.

    Written by `audit.services.decisions`. `applied_to` and `before` are what the undoing needs.
    """

    volume, retention = Volume.LARGE, "7 years"
    over = Over()
    held_by = HeldBy(person=("person",))

    decision = models.ForeignKey(
        Decision,
        models.PROTECT,
        # A unique constraint leads with it.
        db_index=False,
        related_name="effects",
        db_comment="The decision that it carries out.",
    )
    person = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        models.PROTECT,
        related_name="effects_of_decisions",
        db_comment="Whom it hits; the person of the decision.",
    )
    kind = models.TextField(choices=EffectKind, db_comment="What it does.")
    axis = models.TextField(choices=EffectAxis, db_comment="Which restriction it is; follows from the kind.")
    slot = models.TextField(choices=EffectSlot, db_comment="On what it acts; follows from the kind.")
    target_kind = models.TextField(choices=SubjectKind, db_comment="On whom or what: the kind.")
    target_id = models.UUIDField(db_comment="On whom or what: the key of the row.")
    ends_at = models.DateTimeField(
        null=True, blank=True, db_comment="When it ends by itself (UTC); null: not by itself."
    )
    result = models.TextField(choices=EffectResult, default=EffectResult.DONE, db_comment="How it ended.")
    applied_to = models.UUIDField(
        null=True,
        blank=True,
        db_comment="Row of the owning app that carries it: a restriction, a decision of archives; null: none.",
    )
    before = personal(
        models.JSONField(
            default=dict, db_comment="What was there before, as far as the undoing needs it; an object."
        )
    )
    undoes = models.OneToOneField(
        "self",
        models.PROTECT,
        null=True,
        blank=True,
        related_name="undone_by",
        db_comment="The effect that it takes back; null: it is not the undoing of one.",
    )

    objects: Any = models.Manager()

    class Meta:
        db_table_comment = (
            "One row per effect of a decision, as carried out. "
            "Written by audit.services.decisions. Kept 7 years."
        )
        constraints = [
            one_of("kind", EffectKind),
            one_of("axis", EffectAxis),
            one_of("slot", EffectSlot),
            one_of("target_kind", SubjectKind),
            one_of("result", EffectResult),
            rule(facts_agree(), "kind_facts", "What an effect acts on follows from its kind."),
            rule(is_object("before"), "before", "What was before is a JSON object."),
            unique(
                "decision",
                "target_kind",
                "target_id",
                "slot",
                name="slot",
                message="Two effects of this decision contradict each other: both act on the same thing.",
            ),
            rule(
                Q(undoes__isnull=False) | Q(result=EffectResult.DONE),
                "result_of_undoing",
                "An effect is carried out; only an undoing can find that nothing is left.",
            ),
            *policies(*CASE_STAFF, command="select", using=NOT_ABOUT_ME),
            *policies(*OVERSEERS, Role.WORKER, command="select", using=ALL),
            *policies(*DECISION_WRITERS, command="insert", check=NOT_ABOUT_ME),
        ]
        indexes = [
            BTree(
                fields=["target_kind", "target_id", "-id"],
                serves="The page of an archive, a stream or a person: by which decision it was restricted",
            )
        ]
        triggers = [StampsEffect()]

    def __str__(self) -> str:
        return self.get_kind_display()
