"""Verifications of the trail: when it was proven, at whose wish, and what was found."""

from typing import Any, ClassVar

from django.conf import settings
from django.db import models
from django.db.models import F, Q

from audit.choices import VerificationOutcome
from audit.models.trail.readers import OVERSEERS
from core.db.constraints import length_between, rule
from core.db.holds import NotHeld
from core.db.indexes import BTree
from core.db.policies import ALL, policies
from core.db.retention import Over
from core.db.roles import Role
from core.db.states import StateMachine
from core.db.triggers import Immutable
from core.models import Versioned
from core.models.storage import Volume

V = VerificationOutcome
UNFINISHED = (V.WAITING, V.RUNNING)
OUTCOMES = StateMachine(
    V,
    field="outcome",
    initial=(V.WAITING,),
    moves={V.WAITING: (V.RUNNING, V.FAILED), V.RUNNING: (V.PROVEN, V.FAULTY, V.FAILED)},
)
IS_UNFINISHED = Q(outcome__in=UNFINISHED)


class TrailVerification(Versioned):
    """One row per verification of the whole trail: every seal, signature, event, leaf and word.

    Written by `audit.services.trail_verifications`, read by those who oversee. One at a time.
    """

    volume, retention = Volume.SMALL, "7 years"
    over = Over()
    held_by = NotHeld("What a machine counted; the events themselves are kept.")

    asked_by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        models.PROTECT,
        null=True,
        related_name="trail_verifications",
        db_comment="Who asked for it; null: the schedule.",
    )
    kept_head = models.JSONField(
        null=True,
        db_comment="The head of the chain as the person kept it elsewhere, to compare with; null: none given.",
    )
    outcome = models.TextField(choices=V, default=V.WAITING, db_comment="How it stands, or what it came to.")
    started_at = models.DateTimeField(
        null=True, db_comment="When it began (UTC); null: it waits for a worker."
    )
    finished_at = models.DateTimeField(null=True, db_comment="When it ended (UTC); null: it did not.")
    last_seal = models.ForeignKey(
        "audit.Seal",
        models.PROTECT,
        null=True,
        related_name="verifications",
        db_comment="The last seal of the chain at that instant; null: there was none, or it did not end.",
    )
    seals = models.BigIntegerField(default=0, db_comment="How many seals were proven.")
    events = models.BigIntegerField(default=0, db_comment="How many events were compared with their seals.")
    unsealed = models.BigIntegerField(default=0, db_comment="How many events no seal covered yet.")
    expired = models.BigIntegerField(
        default=0, db_comment="How many sealed events have left the trail, since their time was over."
    )
    found = models.BigIntegerField(default=0, db_comment="How many things are wrong.")
    findings = models.JSONField(
        default=list,
        blank=True,
        db_comment="The first thousand of them: kind of fault, seal, event, and a sentence.",
    )
    notes = models.JSONField(
        default=list, blank=True, db_comment="What is to be known beside, such as where an epoch began."
    )
    error = models.TextField(
        blank=True, default="", db_comment="Why it could not be found out; empty where it could."
    )

    outcome_machine = OUTCOMES
    objects: ClassVar[Any] = models.Manager()

    class Meta:
        verbose_name = "verification of the trail"
        verbose_name_plural = "verifications of the trail"
        db_table_comment = (
            "One row per verification of the trail, asked for or scheduled, with what was found. Written by "
            "audit.services.trail_verifications. Kept 7 years."
        )
        permissions = [("ask_trailverification", "Can have the trail verified")]
        constraints = [
            models.UniqueConstraint(
                fields=["finished_at"],
                condition=Q(finished_at__isnull=True),
                nulls_distinct=False,
                name="%(app_label)s_%(class)s_one_key",
                violation_error_message="The trail is being verified already. Its outcome will stand here.",
            ),
            rule(
                Q(outcome=V.WAITING, started_at__isnull=True) | ~Q(outcome=V.WAITING),
                "started_at",
                "What waits has not begun.",
            ),
            rule(
                IS_UNFINISHED & Q(finished_at__isnull=True) | ~IS_UNFINISHED & Q(finished_at__isnull=False),
                "finished_at",
                "What has ended says when.",
            ),
            rule(
                Q(started_at__isnull=True)
                | Q(finished_at__isnull=True)
                | Q(finished_at__gte=F("started_at")),
                "finished_at_order",
                "A verification ends after it began.",
            ),
            rule(
                Q(outcome=V.FAULTY, found__gt=0) | ~Q(outcome=V.FAULTY) & Q(found=0),
                "found",
                "It is faulty where something is wrong, and only there.",
            ),
            rule(
                Q(outcome=V.FAILED) & ~Q(error="") | ~Q(outcome=V.FAILED) & Q(error=""),
                "error",
                "A verification that failed says why, and no other does.",
            ),
            rule(
                Q(seals__gte=0, events__gte=0, unsealed__gte=0, expired__gte=0),
                "counts",
                "Counts are not below zero.",
            ),
            length_between("error", 0, 2000),
            *policies(*OVERSEERS, command="select", using=ALL),
            *policies(Role.WORKER, command="select", using=ALL),
            *policies(Role.WORKER, command="insert", check="outcome = 'waiting'"),
            *policies(Role.WORKER, command="update", using="finished_at IS NULL", check=ALL),
        ]
        indexes = [
            BTree(
                fields=["-id"],
                name="%(app_label)s_%(class)s_ended_idx",
                condition=~IS_UNFINISHED,
                serves="audit.selectors_trail.trail_state: the last verification that ended",
            ),
        ]
        triggers = [Immutable("asked_by", "kept_head")]

    def __str__(self) -> str:
        return f"{self.get_outcome_display()}, {self.created_at:%Y-%m-%d %H:%M} UTC"
