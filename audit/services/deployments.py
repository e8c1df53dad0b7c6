"""The record of what `migrate` did."""

import os
import tomllib
from collections.abc import Iterable
from typing import Any

from django.conf import settings
from django.db import connections

from audit.choices import RunOutcome

Plan = Iterable[tuple[Any, bool]]
"""Migrations with whether each is undone, as Django's signals around `migrate` carry them."""

EXISTS = "SELECT coalesce(has_table_privilege(to_regclass('audit_deployment'), 'INSERT'), false)"
BEGIN = "INSERT INTO audit_deployment (release, applied, undone) VALUES (%s, %s::text[], %s::text[])"
END = "UPDATE audit_deployment SET outcome = %s, finished_at = clock_timestamp() WHERE outcome = 'running'"


def release() -> str:
    """The version of the code: the environment's RELEASE (set by the deployment), else that of pyproject.toml."""
    named = os.environ.get("RELEASE", "").strip()
    if named:
        return named[:200]
    with (settings.BASE_DIR / "pyproject.toml").open("rb") as file:
        return str(tomllib.load(file)["project"]["version"])


def deployment_begin(*, plan: Plan, using: str = "default") -> bool:
    """Note a `migrate` that is about to begin; one that is still running has failed.

    Returns whether it was noted: not when there is nothing to do, and not before the table exists. SQL and not the
    model, since the model may know columns that the plan is about to add.
    """
    steps = list(plan)
    with connections[using].cursor() as cursor:
        cursor.execute(EXISTS)
        if not steps or not cursor.fetchone()[0]:
            return False
        cursor.execute(END, [RunOutcome.FAILED.value])
        cursor.execute(BEGIN, [release(), _names(steps, undone=False), _names(steps, undone=True)])
    return True


def deployment_end(*, plan: Plan, using: str = "default") -> bool:
    """Note that the `migrate` has succeeded; returns whether that was noted.

    The one that makes the table is noted here from beginning to end.
    """
    steps = list(plan)
    with connections[using].cursor() as cursor:
        cursor.execute(EXISTS)
        if not steps or not cursor.fetchone()[0]:
            return False
        cursor.execute("SELECT count(*) FROM audit_deployment WHERE outcome = 'running'")
        if not cursor.fetchone()[0]:
            cursor.execute(BEGIN, [release(), _names(steps, undone=False), _names(steps, undone=True)])
        cursor.execute(END, [RunOutcome.SUCCEEDED.value])
    return True


def _names(steps: list[tuple[Any, bool]], *, undone: bool) -> list[str]:
    return [f"{step.app_label}.{step.name}" for step, is_undone in steps if is_undone == undone]
