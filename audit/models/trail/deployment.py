"""Deployments: what `migrate` did, and which version of the code did it."""

from typing import Any

from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models.functions import Now

from audit.choices import RunOutcome
from audit.models.trail.job_run import ENDED, OUTCOMES
from audit.triggers import EndOnce
from core.db.constraints import length_between, rule
from core.db.triggers import Immutable
from core.models import Identified
from core.models.storage import Volume


class Deployment(Identified):
    """One row per `migrate` that had something to do.

    Written by `audit.services.deployments`: as running before the first migration, with its outcome after the last.
    One that stopped half-way stays running until the next `migrate` says that it failed.
    """

    volume, retention = Volume.SMALL, "for ever"

    release = models.TextField(db_comment="Version of the code, and its commit where that is known.")
    applied = ArrayField(
        models.TextField(),
        default=list,
        blank=True,
        db_comment="Migrations planned to be applied, in order: accounts.0001_people.",
    )
    undone = ArrayField(
        models.TextField(), default=list, blank=True, db_comment="Migrations planned to be undone, in order."
    )
    started_at = models.DateTimeField(db_default=Now(), db_comment="When migrate began (UTC).")
    finished_at = models.DateTimeField(
        null=True, db_comment="When its outcome was known (UTC); null: running, or stopped half-way."
    )
    outcome = models.TextField(choices=RunOutcome, db_default=RunOutcome.RUNNING, db_comment="How it ended.")

    outcome_machine = OUTCOMES
    objects: Any = models.Manager()

    class Meta:
        db_table_comment = (
            "One row per migrate that had something to do. Written by audit.services.deployments. "
            "Kept for ever."
        )
        constraints = [
            length_between("release", 1, 200),
            rule(ENDED, "finished_at", "A deployment that has ended says when; it ends after it began."),
        ]
        triggers = [EndOnce(), Immutable("release", "applied", "undone", "started_at")]

    def __str__(self) -> str:
        return f"{self.release} on {self.started_at:%Y-%m-%d %H:%M}"
