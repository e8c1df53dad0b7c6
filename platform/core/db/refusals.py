"""What the database refuses, as a sentence, without losing the transaction."""

from collections.abc import Iterator
from contextlib import contextmanager

from django.db import DataError, IntegrityError, transaction

from core.errors import Refused, explain

UNSTORABLE = "This contains signs that cannot be stored. Write it as plain text."

DATABASE_REFUSALS = (IntegrityError, DataError, UnicodeEncodeError)
"""A broken rule, a value that does not fit, and text with lone surrogates, which has no UTF-8."""


def sentence(error: IntegrityError | DataError | UnicodeEncodeError) -> str:
    """Why the database did not take a row, for people."""
    return explain(error) if isinstance(error, IntegrityError) else UNSTORABLE


@contextmanager
def refused_as(refusal: type[Refused]) -> Iterator[None]:
    """A savepoint in which a broken rule of the database, or text that it cannot hold, raises `refusal`.

    NUL and lone surrogates are such text: psycopg raises DataError and UnicodeEncodeError for them.
    """
    try:
        with transaction.atomic():
            yield
    except DATABASE_REFUSALS as error:
        raise refusal(sentence(error)) from error
