"""What is kept of a failure: the kind of error, and a sentence only where we wrote it."""

from django.core.management.base import CommandError
from django.db import Error

from core.errors import Refused

LONGEST = 2000


def failure_words(failure: BaseException) -> str:
    """The kind of error with its sentence, if that is ours, or with what PostgreSQL says without quoting values.

    Sentences of PostgreSQL and of libraries may quote somebody's data. At most 2000 characters.
    """
    kind = type(failure).__name__
    if isinstance(failure, Refused):
        return f"{kind}: {failure.message}"[:LONGEST]
    if isinstance(failure, CommandError):
        return f"{kind}: {failure}"[:LONGEST]
    if isinstance(failure, Error):
        diagnosis = getattr(failure.__cause__, "diag", None)
        parts = (getattr(diagnosis, name, None) for name in ("sqlstate", "table_name", "constraint_name"))
        return " ".join([kind, *(part for part in parts if part)])
    return kind
