#!/usr/bin/env python
"""Run Django's commands with `platform/` as a source root."""

import os
import sys
from pathlib import Path

if sys.version_info < (3, 11):  # noqa: UP036  (the sentence is for those who have an older one)
    sys.exit(f"Python 3.11 or newer is needed; this is {sys.version.split()[0]}.")
sys.path.insert(0, str(Path(__file__).resolve().parent / "platform"))


def main() -> None:
    """Run the command; what people can mend is said in one sentence, without a traceback."""
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "config.settings.demo")
    try:
        import django  # noqa: F401
    except ModuleNotFoundError:
        sys.exit("Django is not installed here: run `make venv`, then `.venv/bin/python manage.py ...`.")
    from django.core.exceptions import ImproperlyConfigured
    from django.core.management import execute_from_command_line
    from django.db import OperationalError

    from core.db.unavailable import DatabaseUnavailable

    try:
        execute_from_command_line(sys.argv)
    except (DatabaseUnavailable, ImproperlyConfigured) as error:
        if "--traceback" in sys.argv:
            raise
        sys.exit(str(error))
    except OperationalError as error:
        no_connection = getattr(error.__cause__, "sqlstate", "") is None
        if "--traceback" in sys.argv or not no_connection:
            raise
        first_line = str(error).strip().splitlines()[0].rstrip(".")
        sys.exit(
            f"The database cannot be reached: {first_line}. Check DATABASE_URL and OWNER_DATABASE_URL, and that "
            f"the server runs; on a new server run `manage.py provision` first."
        )


if __name__ == "__main__":
    main()
