"""Prepare a cluster and a database, once."""

from argparse import ArgumentParser
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError
from psycopg.conninfo import conninfo_to_dict

from core import embedded
from core.db import provisioning, provisioning_sql
from core.db.roles import Role

URL_OF_ROLE = {Role.APP: "DATABASE_URL", Role.OWNER: "OWNER_DATABASE_URL"}


class Command(BaseCommand):
    """Connects by PROVISION_URL; everything else connects by the two URLs whose logins are made here."""

    help = (
        "Make the roles, the database, its schemas and extensions. Connects by PROVISION_URL as a role with "
        "CREATEROLE and CREATEDB; name and passwords come from DATABASE_URL and OWNER_DATABASE_URL. "
        "A second run changes nothing."
    )
    requires_system_checks: list[str] = []

    def add_arguments(self, parser: ArgumentParser) -> None:
        """Declare the options."""
        parser.add_argument("--sql", action="store_true", help="Print the SQL for psql and run nothing.")
        parser.add_argument("--database", help="Name of the database; by default that of OWNER_DATABASE_URL.")

    def handle(self, *, sql: bool, database: str | None, **options: Any) -> None:
        """Provision, saying each step. Raises CommandError when a URL is missing or wrong."""
        if sql:
            self.stdout.write(provisioning_sql.script(database or self._plan(None).database))
            return
        if settings.DATABASES["default"].get("EMBEDDED") and not _environment("PROVISION_URL"):
            embedded.url("owner")
            self.stdout.write("The embedded database is provisioned.")
            return
        url = _environment("PROVISION_URL")
        if not url:
            raise CommandError(
                "PROVISION_URL is not set: set it to postgresql://USER:PASSWORD@HOST:5432/postgres, where USER "
                "has CREATEROLE and CREATEDB, or run what `manage.py provision --sql` prints."
            )
        plan = self._plan(database)
        for role, variable in URL_OF_ROLE.items():
            if role not in plan.passwords:
                self.stderr.write(f"{variable} holds no password: {role.value} keeps the one it has, if any.")
        provisioning.provision(url, plan, report=self.stdout.write)
        self.stdout.write(f"Provisioned {plan.database}. Now run `manage.py migrate`.")

    def _plan(self, database: str | None) -> provisioning.Plan:
        passwords, names = {}, {}
        for role, variable in URL_OF_ROLE.items():
            parts = conninfo_to_dict(_environment(variable))
            if parts and parts.get("user") != role.value:
                raise CommandError(
                    f"{variable} names the user {parts.get('user')}: that login is called {role.value} in "
                    f"every installation, so write it there."
                )
            if password := parts.get("password"):
                passwords[role] = str(password)
            if name := parts.get("dbname"):
                names[variable] = str(name)
        if database is None and len(set(names.values())) > 1:
            raise CommandError(f"The URLs name different databases ({names}): name the same one in both.")
        return provisioning.Plan(
            database=database or next(iter(names.values()), "versbottomlex"), passwords=passwords
        )


def _environment(variable: str) -> str:
    from config.settings.base import env

    return env(variable, default="")
