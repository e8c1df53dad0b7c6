"""Destroys archives of people whose time is over."""

from argparse import ArgumentParser
from typing import Any

from django.core.management.base import BaseCommand

from audit.models import PersonalArchive
from audit.services.personal_archives import personal_archives_expire
from core.db.clock import database_now
from core.db.context import acting
from core.db.roles import Role
from core.jobs.runs import run_of


class Command(BaseCommand):
    """Runs as the worker, hourly; an archive that is over is refused before that too."""

    help = "Destroy archives of people that could be fetched for 30 days, and files that belong to none."

    def add_arguments(self, parser: ArgumentParser) -> None:
        """Declare the options."""
        parser.add_argument("--dry-run", action="store_true", help="Say what would be done; change nothing.")

    def handle(self, *args: Any, dry_run: bool, **options: Any) -> None:
        """Destroy them, a transaction each."""
        if dry_run:
            with acting(Role.WORKER):
                self.stdout.write(f"{PersonalArchive.objects.over(database_now()).count()} archives are over")
            return
        with run_of("personal_archives_expire") as run:
            gone = personal_archives_expire()
            run.counts.update(archives=gone.archives, strays=gone.strays)
            self.stdout.write(f"{gone.archives} archives and {gone.strays} stray files destroyed")
