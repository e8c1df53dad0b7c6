"""Makes the archive of a person for a running request, or hands one out, where no page can."""

from argparse import ArgumentParser
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from accounts.models import User
from audit.models import PersonalArchive, SubjectRequest
from audit.services.personal_archives import personal_archive_make, personal_archive_open
from core.db.context import acting
from core.db.roles import Role
from core.errors import Refused


class Command(BaseCommand):
    """In the process that may open seals, when the run of the request says that it could not."""

    help = (
        "Make the archive that answers a running request for access or portability; with --to, hand it out as a member "
        "of compliance, on record."
    )

    def add_arguments(self, parser: ArgumentParser) -> None:
        """Declare the options."""
        parser.add_argument("reference", help="of the request: SR-2611-7K3MQ9XA")
        parser.add_argument("--to", type=Path, help="write the ZIP to this new file")
        parser.add_argument("--staff", default="", help="handle of who fetches it, in the role compliance")
        parser.add_argument("--reason", default="", help="why it is fetched; kept in the trail")

    def handle(
        self, *args: Any, reference: str, to: Path | None, staff: str, reason: str, **options: Any
    ) -> None:
        """Make it, or find the one that is there; then hand it out if asked to."""
        try:
            with acting(Role.WORKER):
                request = SubjectRequest.objects.filter(reference=reference).first()
                if request is None:
                    raise CommandError(f"There is no request {reference}.")
                there = PersonalArchive.objects.there().filter(request=request).first()
                archive = there or personal_archive_make(request_id=request.pk, actor=None)
            self.stdout.write(
                f"{archive.rows:,} rows of {len(archive.rows_by_table)} tables, {archive.content_bytes:,} bytes, "
                f"until {archive.expires_at:%Y-%m-%d %H:%M} UTC"
            )
            if to is not None:
                self._fetch(archive, to, staff, reason)
        except Refused as refusal:
            raise CommandError(str(refusal)) from refusal

    def _fetch(self, archive: PersonalArchive, to: Path, staff: str, reason: str) -> None:
        person = User.objects.with_handle(staff).first() if staff else None
        if person is None or Role.COMPLIANCE not in person.roles_in_force():
            raise CommandError("Name with --staff who fetches it: somebody who holds the role compliance.")
        if to.exists():
            raise CommandError(f"{to} exists. Nothing was written.")
        with acting(Role.COMPLIANCE, user_id=person.pk):
            opened = personal_archive_open(archive_id=archive.pk, actor=person, reason=reason)
        to.touch(mode=0o600)
        with to.open("wb") as file:
            for chunk in opened.content:
                file.write(chunk)
        self.stdout.write(f"{opened.name} written to {to}")
