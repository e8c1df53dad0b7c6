"""Django's `migrate`, which first looks whether the database was provisioned."""

from typing import Any

from django.core.management.base import CommandError
from django.core.management.commands import migrate
from django.db import OperationalError, connections

from core.db import provisioning, provisioning_sql


class Command(migrate.Command):
    """On a database that was not provisioned: one sentence, the SQL to run, and a failure."""

    requires_system_checks: list[str] = []  # some ask the database, which may not be there: see handle

    def handle(self, *args: Any, **options: Any) -> None:
        """Migrate. Raises CommandError when the database is not provisioned or does not answer."""
        connection = connections[options["database"]]
        try:
            missing = provisioning.missing(connection)
        except OperationalError as error:
            first_line = str(error).strip().splitlines()[0].rstrip(".")
            raise CommandError(
                f"The database cannot be reached as its owner: {first_line}. Check OWNER_DATABASE_URL; on a new "
                f"server run `manage.py provision` first, or what `manage.py provision --sql` prints."
            ) from error
        if missing:
            name = connection.settings_dict["NAME"]
            self.stdout.write(provisioning_sql.script(name))
            raise CommandError(
                f"The database {name} was not provisioned ({', '.join(missing)} missing): run "
                f"`manage.py provision` with PROVISION_URL set, or the SQL above with psql, then migrate again."
            )
        if not options.get("skip_checks"):
            self.check(databases=[options["database"]])
        super().handle(*args, **options)
