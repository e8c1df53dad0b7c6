"""Print where the running database is, for psql and linters."""

from argparse import ArgumentParser
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError

from core import embedded

VARIABLES = {"app": "DATABASE_URL", "owner": "OWNER_DATABASE_URL", "superuser": "PROVISION_URL"}


class Command(BaseCommand):
    """Standard output holds the URL and nothing else: `psql "$(python manage.py database_url)"`."""

    help = (
        "Print the URL of the database; starts the embedded one if needed and leaves it running. "
        "By default the login of the schema's owner, who sees every table and row."
    )
    requires_system_checks: list[str] = []

    def add_arguments(self, parser: ArgumentParser) -> None:
        """Declare the options."""
        parser.add_argument("--role", choices=sorted(VARIABLES), default="owner", help="Which login.")
        parser.add_argument(
            "--owner", action="store_const", const="owner", dest="role", help="The same as --role owner."
        )

    def handle(self, *, role: str, **options: Any) -> None:
        """Print the URL. Raises CommandError when the environment names a database but not this login."""
        if settings.DATABASES["default"].get("EMBEDDED"):
            embedded.keep_running()
            self.stdout.write(embedded.url(role))
            return
        from config.settings.base import env  # the project's settings read .env too

        url = env(VARIABLES[role], default="")
        if not url:
            raise CommandError(
                f"{VARIABLES[role]} is not set, so the URL of the login {role} is not known: set it, or ask "
                f"for another login with --role."
            )
        self.stdout.write(url)
