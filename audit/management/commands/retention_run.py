"""Obeys the policies of retention: rows, whole partitions, the archive. Counts what else is over."""

import json
from argparse import ArgumentParser
from typing import Any

from django.core.management.base import BaseCommand, CommandError
from django.db import DatabaseError

from audit.choices import RetentionDuty
from audit.errors import RetentionRefused
from audit.models import RetentionPolicy, RetentionRun
from audit.selectors_retention import ClassTotal, spoken_period
from audit.services.retention import counted_policies, executed_policies, retention_run
from core.db.partitions.errors import PartitionError
from core.errors import Refused
from core.jobs.runs import Run, run_of


class Command(BaseCommand):
    """Runs as the owner, daily, and acts as the retention role; what a legal hold covers stays."""

    help = (
        "Delete the rows whose time is over, let partitions leave for the archive or for good, and count what is "
        "over where nobody deletes yet."
    )

    def add_arguments(self, parser: ArgumentParser) -> None:
        """Declare the options."""
        parser.add_argument("--table", default="", help="Only this table: accounts_usersession.")
        parser.add_argument("--dry-run", action="store_true", help="Count and record; delete nothing.")
        parser.add_argument("--json", action="store_true", help="One JSON document instead of lines.")

    def handle(self, *args: Any, table: str, dry_run: bool, **options: Any) -> None:
        """Obey one policy after the other, and count the others. A failure of one table does not keep the rest.

        Raises CommandError for a table that is not deleted from by a period, or, at the end, for what failed.
        """
        self.lines: list[dict[str, Any]] = []
        self.totals: dict[str, ClassTotal] = {}
        self.failures: list[str] = []
        self.is_json = options["json"]
        try:
            obeyed, counted = self._chosen(table, dry_run)
        except RetentionRefused as refusal:
            raise CommandError(str(refusal)) from refusal
        if dry_run:
            for policy in (*obeyed, *counted):
                self._do(policy, None)
        else:
            with run_of("retention_run") as run:
                for policy in obeyed:
                    self._do(policy, run)
                for policy in counted:
                    self._do(policy, None)
        self._sum_up()
        if self.failures:
            raise CommandError("\n".join(self.failures))

    def _chosen(self, table: str, dry_run: bool) -> tuple[list[RetentionPolicy], list[RetentionPolicy]]:
        if not table:
            return executed_policies(), counted_policies()
        return ([], counted_policies(table)) if dry_run else (executed_policies(table), [])

    def _do(self, policy: RetentionPolicy, run: Run | None) -> None:
        try:
            done = retention_run(policy=policy, dry_run=run is None)
        except (DatabaseError, PartitionError, Refused) as error:
            self.failures.append(f"{policy.table_name}: {error}")
            return
        if run:
            run.counts["deleted"] += done.deleted
            run.counts["archived"] += done.archived
            run.counts["partitions"] += done.partitions
            run.counts["held"] += done.held
        total = self.totals.setdefault(done.period, ClassTotal(done.period))
        total.add(policy, done)
        self._tell(policy, done)

    def _tell(self, policy: RetentionPolicy, done: RetentionRun) -> None:
        free = done.found - done.held - done.bound - done.deleted - done.archived
        line = {
            "table": policy.table_name,
            "class": spoken_period(done.period),
            "duty": policy.duty,
            "cut_off": done.cut_off.isoformat(),
            "over": done.found,
            "held": done.held,
            "bound": done.bound,
            "free": free,
            "deleted": done.deleted,
            "archived": done.archived,
            "partitions": done.partitions,
            "is_estimate": done.is_estimate,
            "explanation": done.explanation,
            "second_term": policy.second_term,
        }
        self.lines.append(line)
        if self.is_json:
            return
        held = "copied out for holds" if policy.duty == RetentionDuty.PARTITIONS else "held"
        if policy.is_executed:
            leaves = "archived" if policy.online_period else "deleted"
            said = (
                f"{free} would be {leaves}" if done.dry_run else f"{done.deleted or done.archived} {leaves}"
            )
        else:
            said = f"{free} over"
        said += f", {done.held} {held}"
        if done.bound:
            said += f", {done.bound} bound"
        if done.partitions:
            said += f", {done.partitions} whole partitions{' (estimated)' if done.is_estimate else ''}"
        if not policy.is_executed or policy.duty == RetentionDuty.PARTITIONS:
            said += f"; {done.explanation or policy.obeyed_by}"
        self.stdout.write(f"{policy.table_name}: {said}")

    def _sum_up(self) -> None:
        """The totals of each class, where more than one table was asked."""
        totals = sorted(self.totals.values(), key=ClassTotal.order)
        if self.is_json:
            classes = [
                {
                    "class": total.name,
                    "period": total.period,
                    "tables": total.tables,
                    "over": total.over,
                    "held": total.held,
                    "bound": total.bound,
                    "free": total.free,
                    "deleted": total.deleted,
                    "archived": total.archived,
                    "partitions": total.partitions,
                    "waiting": total.waiting,
                }
                for total in totals
            ]
            self.stdout.write(json.dumps({"tables": self.lines, "classes": classes}, indent=1))
        elif len(self.lines) > 1:
            for total in totals:
                self.stdout.write(
                    f"Class {total.name}: {total.tables} tables, {total.over} over, {total.held} held, "
                    f"{total.bound} bound, {total.free} free, {total.deleted} deleted, {total.archived} archived"
                )
