"""Checks the proof of an event, without the database."""

import json
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from audit.seals.proof import proof_check, proof_of
from audit.seals.signing import RingKeys, given_keys
from core.errors import Refused

FAULTY, IMPOSSIBLE = 1, 2


class Command(BaseCommand):
    """Asks no database. Ends with 0: proven; 1: it is not what was sealed; 2: it could not be found out."""

    help = "Check that the event in a proof is the one that was sealed and signed."
    requires_system_checks = ()

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("file", type=Path, help="A proof, as the back office saves it.")
        parser.add_argument(
            "--public-key",
            action="append",
            default=[],
            metavar="[NUMBER=]FILE",
            help="A public key in PEM, for one number or for all; may be repeated. Default: those in KEYS_DIRECTORY.",
        )

    def handle(self, *args: Any, file: Path, public_key: list[str], **options: Any) -> None:
        """Print what is proven. Raises CommandError unless it is."""
        try:
            proof = proof_of(file)
            report = proof_check(proof, given_keys(public_key) if public_key else RingKeys())
        except Refused as refusal:
            raise CommandError(refusal.message, returncode=IMPOSSIBLE) from None
        for finding in report.findings:
            self.stdout.write(str(finding))
        if report.found:
            raise CommandError("The event is not proven.", returncode=FAULTY)
        event, seal = proof["event"], proof["seal"]
        self.stdout.write(
            f"proven: event {event['id']} ({event['action']}) stood in the trail when seal {seal['number']} was made, "
            f"{seal['sealed_at']}"
        )
        if proof["words"] is not None:
            self.stdout.write(f"with these words: {json.dumps(proof['words'], ensure_ascii=False)}")
