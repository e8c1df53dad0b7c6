"""Proves the trail, or names what is wrong with it."""

import json
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.db import Error

from audit.models import Seal
from audit.seals.head import head_of
from audit.seals.report import Report
from audit.seals.signing import RingKeys, given_keys
from audit.seals.verification import trail_verify
from core.errors import Refused

FAULTY, IMPOSSIBLE = 1, 2


class Command(BaseCommand):
    """Runs as the owner, reads only. Ends with 0: proven; 1: something is wrong; 2: it could not be found out."""

    help = (
        "Prove that nothing of the trail was changed, removed or added since it was sealed, or name what was."
    )

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument(
            "--head", type=Path, metavar="FILE", help="A head that audit_head printed before."
        )
        parser.add_argument(
            "--public-key",
            action="append",
            default=[],
            metavar="[NUMBER=]FILE",
            help="A public key in PEM, for one number or for all; may be repeated. Default: those in KEYS_DIRECTORY.",
        )
        parser.add_argument("--json", action="store_true", help="Print the report as JSON.")
        parser.add_argument("--progress", action="store_true", help="Say on stderr how far it is.")

    def handle(
        self, *args: Any, head: Path | None, public_key: list[str], progress: bool, **options: Any
    ) -> None:
        """Print the report. Raises CommandError unless the trail is proven."""
        try:
            report = trail_verify(
                keys=given_keys(public_key) if public_key else RingKeys(),
                kept=head_of(head) if head else None,
                progress=self._say if progress else lambda seal: None,
            )
        except Refused as refusal:
            raise CommandError(refusal.message, returncode=IMPOSSIBLE) from None
        except Error as error:
            raise CommandError(
                f"The database does not answer the question: {error}", returncode=IMPOSSIBLE
            ) from None
        if options["json"]:
            self.stdout.write(json.dumps(report.as_json(), indent=2))
        else:
            self._print(report)
        if report.found:
            raise CommandError(
                f"The trail is not what was sealed: {report.found} findings.", returncode=FAULTY
            )

    def _say(self, seal: Seal) -> None:
        self.stderr.write(f"{seal}: {seal.event_count:,} events")

    def _print(self, report: Report) -> None:
        for finding in report.findings:
            self.stdout.write(str(finding))
        if report.found > len(report.findings):
            self.stdout.write(f"and {report.found - len(report.findings)} more")
        for note in report.notes:
            self.stdout.write(f"note: {note}")
        counts = report.counts
        self.stdout.write(
            f"{counts['seals']:,} seals, {counts['events']:,} events compared, {counts['unsealed']:,} not yet sealed"
        )
        if not report.found and counts["seals"]:
            self.stdout.write("proven: nothing was changed, removed or added since it was sealed")
