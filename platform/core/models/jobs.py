"""Background jobs: the queue as the house sees it, what was done, and what happened on the way.

The queue itself is procrastinate's (`procrastinate_jobs` and its companions, made by its own migrations).
"""

from typing import Any

from django.db import models
from django.db.models import Q
from procrastinate.contrib.django.models import ProcrastinateJob

from core.choices import IncidentKind
from core.db.constraints import length_between, one_of, rule
from core.db.indexes import BTree
from core.models.identity import Identified
from core.models.storage import Volume


class QueuedJob(ProcrastinateJob):
    """One job of the queue, under a name and with permissions of the house; the table is procrastinate's.

    Written only by procrastinate's functions, by `job_enqueue` and by the services in `core.jobs.decisions`.
    """

    volume, retention = Volume.LARGE, "7 days after it was done, 90 days otherwise"

    class Meta:
        proxy = True
        verbose_name = "job"
        verbose_name_plural = "jobs"
        permissions = [
            ("run_again_queuedjob", "Can run a failed job again"),
            ("give_up_queuedjob", "Can give a job up"),
        ]

    def __str__(self) -> str:
        """Its name and number, never its arguments."""
        return f"{self.task_name} {self.pk}"


class JobReceipt(Identified):
    """One row per job whose effect is committed, written in the transaction of the effect.

    A worker that was killed between its commit and its word to the queue leaves the row; whoever gets the job
    next finds it and does nothing. Written by `core.jobs.running`.
    """

    volume, retention = Volume.LARGE, "as long as its job"

    # CASCADE: a receipt means nothing without its job.
    job = models.OneToOneField(
        QueuedJob,
        models.CASCADE,
        related_name="receipt",
        db_comment="The job that is done; the key makes a second effect impossible.",
    )
    attempt = models.IntegerField(db_comment="Which attempt did it, from 1.")

    objects: Any = models.Manager()

    class Meta:
        db_table_comment = (
            "One row per job whose effect is committed, so that it never happens twice. Written by "
            "core.jobs.running with the effect. Kept as long as the job."
        )
        constraints = [rule(Q(attempt__gte=1), "attempt", "Attempts are counted from 1.")]

    def __str__(self) -> str:
        return f"job {self.job_id}"


class JobIncident(Identified):
    """One row per thing that happened to a job beside its plain course: a failed attempt, a decision of staff.

    The queue keeps when something happened; this keeps why, in words that hold nobody's data. Written by
    `core.jobs`.
    """

    volume, retention = Volume.LARGE, "as long as its job"

    # CASCADE: an incident means nothing without its job; decisions of staff stay in the trail.
    job = models.ForeignKey(
        QueuedJob,
        models.CASCADE,
        related_name="incidents",
        db_index=False,
        db_comment="The job it happened to.",
    )
    kind = models.TextField(choices=IncidentKind, db_comment="What happened.")
    attempt = models.PositiveIntegerField(db_comment="How many attempts had begun by then.")
    words = models.TextField(
        db_comment="Kind of error, and its sentence where that is ours; why staff decided so is in the trail."
    )

    objects: Any = models.Manager()

    class Meta:
        db_table_comment = (
            "One row per failed attempt, vanished worker or decision of staff about a job, in words without "
            "personal data. Written by core.jobs. Kept as long as the job."
        )
        constraints = [
            one_of("kind", IncidentKind),
            length_between("words", 1, 2000),
        ]
        indexes = [
            BTree(fields=["job", "-id"], serves="core.jobs.room: what happened to one job, newest first")
        ]

    def __str__(self) -> str:
        return f"job {self.job_id}: {self.get_kind_display()}"
