"""Django's `migrate`, which first looks whether the database was provisioned."""

from typing import Any

from django.core.management.base import CommandError
from django.core.management.commands import migrate
from django.db import OperationalError, connections

from core.db import provisioning, provisioning_sql


class Command(migrate.Command):
    """On a database that was not provisioned: one sentence, the SQL to run, and a failure."""

    def check(self, *args: Any, **options: Any) -> None:
        """System checks; some ask the database, so it must be there."""
        self._refuse_unprovisioned(next(iter(options.get("databases") or ["default"])))
        super().check(*args, **options)

    def handle(self, *args: Any, **options: Any) -> None:
        """Migrate. Raises CommandError when the database is not provisioned or does not answer."""
        if options.get("skip_checks"):
            self._refuse_unprovisioned(options["database"])
        super().handle(*args, **options)

    def _refuse_unprovisioned(self, alias: str) -> None:
        connection = connections[alias]
        try:
            missing = provisioning.missing(connection)
        except OperationalError as error:
            first_line = str(error).strip().splitlines()[0].rstrip(".")
            raise CommandError(
                f"The database cannot be reached as its owner: {first_line}. Check OWNER_DATABASE_URL; on a "
                f"new server run `manage.py provision` first, or what `manage.py provision --sql` prints."
            ) from error
        if missing:
            name = connection.settings_dict["NAME"]
            self.stdout.write(provisioning_sql.script(name))
            raise CommandError(
                f"The database {name} was not provisioned ({', '.join(missing)} missing): run "
                f"`manage.py provision` with PROVISION_URL set, or the SQL above with psql, then migrate again."
            )
