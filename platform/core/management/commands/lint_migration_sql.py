"""`manage.py lint_migration_sql`: what squawk says about the SQL of migrations."""

import io
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path
from typing import Any

from django.conf import settings
from django.core.management import call_command
from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.db import connection
from django.db.migrations.loader import MigrationLoader
from django.db.migrations.migration import Migration

from core.checks import HOUSE_APPS

#: Rules about tables in use. An initial migration builds its tables in one transaction, and nobody reads them yet.
ONLY_FOR_TABLES_IN_USE = (
    "adding-foreign-key-constraint",
    "adding-required-field",
    "constraint-missing-not-valid",
    "disallowed-unique-constraint",
    "require-concurrent-index-creation",
    "require-lock-timeout",
    "require-statement-timeout",
)


class Command(BaseCommand):
    """Hands the SQL of migrations to squawk."""

    help = "Lint the SQL of this project's migrations with squawk: all, or those added since a git revision."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--since", default="", help="Only migrations added since this git revision.")

    def handle(self, *args: Any, **options: Any) -> None:
        squawk = shutil.which("squawk", path=str(Path(sys.executable).parent)) or shutil.which("squawk")
        if squawk is None:
            raise CommandError("squawk is not installed: `pip install squawk-cli` in the environment.")
        failed = [
            f"{migration.app_label}.{migration.name}"
            for migration in self._migrations(options["since"])
            if not self._lint(squawk, migration)
        ]
        if failed:
            raise CommandError(f"squawk objects to {', '.join(failed)}; docs/migrations.md says what to do.")
        self.stdout.write(self.style.SUCCESS("squawk has no objection."))

    def _migrations(self, since: str) -> list[Migration]:
        """Migrations of the house in order of application."""
        loader = MigrationLoader(connection, ignore_no_migrations=True)
        own = [
            loader.graph.nodes[key]
            for key in sorted(loader.graph.nodes)
            if key[0] in HOUSE_APPS - {"kernel"} and loader.graph.nodes[key].operations
        ]
        if not since:
            return own
        new = _added_since(since)
        return [migration for migration in own if f"{migration.app_label}/{migration.name}" in new]

    def _lint(self, squawk: str, migration: Migration) -> bool:
        sql = io.StringIO()
        call_command("sqlmigrate", migration.app_label, migration.name, stdout=sql, no_color=True)
        head = f"-- squawk-ignore-file {', '.join(ONLY_FOR_TABLES_IN_USE)}\n" if migration.initial else ""
        with tempfile.TemporaryDirectory() as folder:
            file = Path(folder) / f"{migration.app_label}.{migration.name}.sql"
            file.write_text(head + sql.getvalue(), encoding="utf-8")
            command = [squawk, "--config", str(Path(settings.BASE_DIR) / ".squawk.toml"), "--reporter", "gcc"]
            done = subprocess.run([*command, str(file)], capture_output=True, text=True, check=False)
        if done.returncode:
            self.stdout.write((done.stdout + done.stderr).replace(f"{folder}/", ""))
        return done.returncode == 0


def _added_since(revision: str) -> set[str]:
    """`app/name` of the migrations that git saw arrive. Raises CommandError for an unknown revision."""
    git = shutil.which("git")
    if git is None:
        raise CommandError("git is not installed; without --since every migration is read.")
    done = subprocess.run(
        [git, "diff", "--name-only", "--diff-filter=A", revision, "--", "*/migrations/*.py"],
        cwd=settings.BASE_DIR,
        capture_output=True,
        text=True,
        check=False,
    )
    if done.returncode:
        raise CommandError(f"git cannot compare with {revision}: {done.stderr.strip()}")
    paths = (Path(line) for line in done.stdout.splitlines())
    return {f"{path.parts[-3]}/{path.stem}" for path in paths}
