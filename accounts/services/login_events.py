"""The record of attempts to sign in."""

from uuid import UUID

from django.db import connection, transaction

from accounts.announcements import sign_in_failed
from accounts.choices import SignInFailure
from accounts.models import LoginEvent, User

LONGEST_USER_AGENT = 400


@transaction.atomic
def login_event_record(
    *, user: User | None, failure: SignInFailure | None, address: str | None, user_agent: str
) -> UUID:
    """Note an attempt to sign in; `failure` None means that the person was let in. Returns the event's id.

    Runs as the login role, which can write the record and not read it. Sends `sign_in_failed` after a failure.
    """
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT id, user_failures, address_failures FROM accounts_login_record(%s, %s, %s::inet, %s)",
            [
                None if user is None else user.pk,
                None if failure is None else failure.value,
                address,
                user_agent.replace("\x00", "")[:LONGEST_USER_AGENT],
            ],
        )
        event_id, user_failures, address_failures = cursor.fetchone()
    if failure is not None:
        sign_in_failed.send(
            sender=LoginEvent,
            user_id=None if user is None else user.pk,
            address=address,
            user_failures=user_failures,
            address_failures=address_failures,
        )
    return UUID(str(event_id))
