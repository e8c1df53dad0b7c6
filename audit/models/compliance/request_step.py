"""What was done about a subject request, category by category."""

from typing import Any, Self

from django.conf import settings
from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models import Q

from audit.models.compliance.request_readers import ASKERS, HANDLERS, MINE, NOT_MINE, STAFF_READERS
from audit.request_choices import StepOutcome
from audit.request_triggers import StepDoneOnce, StepOfRunning
from core.db.constraints import length_between, one_of, rule, unique
from core.db.holds import HeldBy
from core.db.indexes import BTree
from core.db.policies import ALL, Policy, policies
from core.db.privacy import personal
from core.db.retention import GoesWith
from core.db.roles import Role
from core.db.triggers import Immutable
from core.models import Entity, Volume

OBJECTS = "objects"
"""The category of objects in storage, each of which is a step."""


class RequestStepQuerySet(models.QuerySet):
    """Reads of steps."""

    def pending(self) -> Self:
        """Objects that still lie in storage, the oldest first."""
        return self.filter(done_at__isnull=True).order_by("pk")


class RequestStep(Entity):
    """One row per category of data and outcome: what was done, with how many rows, and by which law what stays.

    Written by `audit.services.subject_request_runs`. Objects in storage are steps of their own, which stay open until
    the storage has deleted them, and forget the key then. The person reads them: they are the answer.
    """

    volume, retention = Volume.LARGE, "6 years after the end of its request"
    over = GoesWith("request")
    held_by = HeldBy(person=("person",), keeps=("object_key",))

    request = models.ForeignKey(
        "audit.SubjectRequest",
        models.PROTECT,
        # An index leads with it.
        db_index=False,
        related_name="steps",
        db_comment="The request of which it is a step.",
    )
    person = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        models.PROTECT,
        editable=False,
        related_name="subject_request_steps",
        db_comment="Whose data it is; taken from the request.",
    )
    category = models.TextField(
        db_comment="Which data: the table, or objects for what lies in object storage."
    )
    outcome = models.TextField(choices=StepOutcome, db_comment="What was done.")
    words = models.TextField(db_comment="What that is, in words for people.")
    rows = models.BigIntegerField(default=0, db_default=0, db_comment="How many rows, or objects.")
    columns = ArrayField(
        models.TextField(),
        default=list,
        blank=True,
        db_default=[],
        db_comment="Names of the columns that were corrected; never a value.",
    )
    legal_basis = models.TextField(
        blank=True,
        default="",
        db_default="",
        db_comment="By which law it is kept or refused; empty otherwise.",
    )
    until = models.TextField(
        blank=True, default="", db_default="", db_comment="Until when it is kept, in words; empty: it is not."
    )
    object_key = personal(
        models.TextField(
            blank=True,
            default="",
            db_default="",
            db_comment="Key of an object that still has to go from storage; empty: it is gone, or there is none.",
        )
    )
    done_at = models.DateTimeField(
        null=True,
        blank=True,
        editable=False,
        db_comment="When it was done (UTC); null: the object lies there.",
    )
    done_by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        models.PROTECT,
        null=True,
        blank=True,
        editable=False,
        related_name="subject_request_steps_done",
        db_comment="Who did it; null: the system.",
    )

    objects: Any = RequestStepQuerySet.as_manager()

    class Meta:
        verbose_name = "step of a subject request"
        verbose_name_plural = "steps of subject requests"
        db_table_comment = (
            "One row per category of data, or object in storage, of a subject request. Written by "
            "audit.services.subject_request_runs. Kept 6 years after the end of its request."
        )
        constraints = [
            unique(
                "request",
                "category",
                "outcome",
                when=~Q(category=OBJECTS) & ~Q(outcome__in=(StepOutcome.RECTIFIED, StepOutcome.REFUSED)),
                name="once",
                message="This step was done before.",
            ),
            unique(
                "request",
                "object_key",
                when=~Q(object_key=""),
                name="object",
                message="This object is a step already.",
            ),
            one_of("outcome", StepOutcome),
            length_between("category", 1, 100),
            length_between("words", 3, 500),
            length_between("legal_basis", 0, 300),
            length_between("until", 0, 200),
            length_between("object_key", 0, 500),
            rule(Q(rows__gte=0), "rows", "A number of rows is not negative."),
            rule(
                Q(done_at__isnull=True)
                & ~Q(object_key="")
                & Q(category=OBJECTS, outcome=StepOutcome.DESTROYED)
                | Q(done_at__isnull=False, object_key=""),
                "object",
                "A step is open exactly while an object lies in storage.",
            ),
            rule(
                ~Q(outcome__in=(StepOutcome.KEPT, StepOutcome.REFUSED)) | Q(legal_basis__length__gte=3),
                "legal_basis",
                "What is kept or refused names the law.",
            ),
            rule(
                Q(outcome=StepOutcome.KEPT, until__length__gte=3)
                | ~Q(outcome=StepOutcome.KEPT) & Q(until=""),
                "until",
                "What is kept says until when.",
            ),
            rule(
                Q(outcome=StepOutcome.RECTIFIED, columns__len__gte=1)
                | ~Q(outcome=StepOutcome.RECTIFIED) & Q(columns=[]),
                "columns",
                "What was corrected names its columns.",
            ),
            *policies(*STAFF_READERS, command="select", using=ALL),
            *policies(*ASKERS, command="select", using=MINE),
            *policies(*HANDLERS, command="insert", check=NOT_MINE),
            *policies(*HANDLERS, command="update", using=NOT_MINE),
            Policy(role=Role.WORKER, command="insert", check=ALL),
            Policy(role=Role.WORKER, command="update", using=ALL),
        ]
        indexes = [
            BTree(
                fields=["request", "id"], serves="The page of a subject request: its steps, in their order"
            ),
            BTree(
                fields=["request", "id"],
                condition=Q(done_at__isnull=True),
                name="%(app_label)s_%(class)s_pending_idx",
                serves="subject_requests_run: objects that still have to go",
            ),
        ]
        triggers = [
            StepOfRunning(),
            Immutable(
                "request",
                "person",
                "category",
                "outcome",
                "words",
                "rows",
                "columns",
                "legal_basis",
                "until",
            ),
            StepDoneOnce(),
        ]

    def __str__(self) -> str:
        return f"{self.get_outcome_display()}: {self.words}"
