"""Runs of jobs."""

from typing import Any

from django.db import models
from django.db.models import F, Q
from django.db.models.functions import Now

from audit.choices import RunOutcome
from audit.models.trail.event import NAME_PATTERN
from audit.models.trail.readers import ACTING_ROLE_CHOICES
from audit.triggers import EndOnce
from core.db.constraints import is_object, length_between, matches, rule
from core.db.indexes import BTree
from core.db.retention import Over
from core.db.states import StateMachine
from core.db.triggers import Immutable
from core.models import Identified
from core.models.storage import Volume

OUTCOMES = StateMachine(
    RunOutcome,
    field="outcome",
    initial=(RunOutcome.RUNNING,),
    moves={RunOutcome.RUNNING: (RunOutcome.SUCCEEDED, RunOutcome.FAILED)},
)

ENDED = Q(outcome=RunOutcome.RUNNING, finished_at__isnull=True) | (
    ~Q(outcome=RunOutcome.RUNNING) & Q(finished_at__isnull=False, finished_at__gte=F("started_at"))
)


class JobRun(Identified):
    """One row per run of a job, from its beginning: a run that was killed stays visible as running.

    Written only by the functions `job_run_begin` and `job_run_end` (`audit.services.job_runs`).
    """

    volume, retention = Volume.LARGE, "1 year"
    over = Over()

    name = models.TextField(db_comment="Which job: partitions_maintain.")
    deployment = models.ForeignKey(
        "audit.Deployment",
        models.PROTECT,
        null=True,
        related_name="job_runs",
        db_comment="The deployment that had last succeeded when it began: the code it ran; null: none is on record.",
    )
    acting_role = models.TextField(choices=ACTING_ROLE_CHOICES, db_comment="The database role that ran it.")
    started_at = models.DateTimeField(db_default=Now(), db_comment="When it began (UTC).")
    finished_at = models.DateTimeField(
        null=True, db_comment="When it ended, well or not (UTC); null: running or killed."
    )
    outcome = models.TextField(
        choices=RunOutcome, db_default=RunOutcome.RUNNING, db_comment="How the run stands."
    )
    counts = models.JSONField(
        default=dict, blank=True, db_comment="What was done, in numbers by name; also of a failed run."
    )
    error = models.TextField(
        null=True,
        db_comment="What went wrong: kind of error, and its sentence where that is ours; null: nothing.",
    )

    outcome_machine = OUTCOMES
    objects: Any = models.Manager()

    class Meta:
        db_table_comment = (
            "One row per run of a job, with counts. Written by job_run_begin and job_run_end. Kept 1 year."
        )
        constraints = [
            matches("name", NAME_PATTERN, "A job is named in lower case: partitions_maintain."),
            length_between("error", 1, 2000),
            rule(is_object("counts"), "counts", "Counts are numbers by name."),
            rule(ENDED, "finished_at", "A run that has ended says when; it ends after it began."),
            rule(
                Q(error__isnull=True) | Q(outcome=RunOutcome.FAILED),
                "error",
                "Only a failed run has an error.",
            ),
        ]
        indexes = [
            BTree(fields=["name", "-id"], serves="audit.admin.operations: runs of one job, newest first"),
            BTree(
                fields=["-id"],
                name="%(app_label)s_%(class)s_unfinished_idx",
                condition=~Q(outcome=RunOutcome.SUCCEEDED),
                serves="audit.admin.operations: runs that failed or never ended",
            ),
        ]
        triggers = [EndOnce(), Immutable("name", "deployment", "acting_role", "started_at")]

    def __str__(self) -> str:
        return self.name
