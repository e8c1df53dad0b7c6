"""One-time tokens of forms: sent twice, done once, even when both sendings arrive together.

The token is an id, signed together with the form's purpose and its person. Carrying the form out inserts the
id into `core_submission` in the same transaction; PostgreSQL makes a simultaneous second insert wait for the
first transaction, and then it either conflicts (done) or succeeds (the first one was rolled back).
"""

from uuid import UUID

from django.core import signing
from django.db import connection
from django.http import HttpRequest

from core.errors import Refused
from core.models.identity import uuid7
from core.models.submission import Submission

SALT = "core.admin.submissions"
LIFETIME = 12 * 60 * 60
"""Seconds for which an opened form can be sent."""


class AlreadyDone(Refused):
    """This very form was carried out before; nothing was done again."""

    code = "already_done"


class FormTooOld(Refused):
    """The token is missing, damaged, of another form, or older than `LIFETIME`."""

    code = "form_too_old"


def issue(request: HttpRequest, purpose: str) -> str:
    """A token for one sending of one form, for this person and this purpose only."""
    return signing.dumps([str(uuid7()), purpose, str(request.user.pk)], salt=SALT)


def spend(request: HttpRequest, purpose: str, token: str) -> None:
    """Use the token up, within the current transaction. Raises AlreadyDone, FormTooOld."""
    try:
        identity, made_for, person = signing.loads(token, salt=SALT, max_age=LIFETIME)
    except signing.BadSignature:
        raise FormTooOld("This form has been open for too long. Nothing was saved; open it again.") from None
    if made_for != purpose or person != str(request.user.pk):
        raise FormTooOld("This form belongs to something else. Nothing was saved; open it again.")
    table = connection.ops.quote_name(Submission._meta.db_table)
    with connection.cursor() as cursor:
        cursor.execute(f"INSERT INTO {table} (id) VALUES (%s) ON CONFLICT DO NOTHING", [UUID(identity)])
        if cursor.rowcount == 0:
            raise AlreadyDone("This was done already; sending the form again did nothing.")
