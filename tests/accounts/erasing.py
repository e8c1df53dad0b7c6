"""A person with something in every table, and their erasure."""

from collections.abc import Iterator
from typing import Any

from django.db import connection

from accounts.choices import MediaKind
from accounts.models import User
from accounts.services.erasure import user_erase
from accounts.services.handles import handle_change
from accounts.services.login_events import login_event_record
from accounts.services.profiles import profile_change
from accounts.services.sessions import session_digest
from accounts.services.verifications import verification_request
from core.db.context import acting
from core.db.roles import Role
from core.erasure import ErasureReport
from tests.accounts.contacts import add
from tests.accounts.documents import (
    AcceptanceFactory,
    AgeFactory,
    ConsentFactory,
    LinkFactory,
    MediaFactory,
)
from tests.accounts.factories import (
    FlagFactory,
    RestrictionFactory,
    SessionFactory,
    UserFactory,
    UserPasswordFactory,
    ViewerProfileFactory,
)
from tests.accounts.second_factors import enrolled
from tests.sql import run

HANDLE, OLD_HANDLE = "zmarker_now", "zmarker_before"


ADDRESS = "203.0.113.199"


WORDS = "zmarker-words"


MARKERS = ("zmarker", ADDRESS)


def erase(user: User, actor: User, **options: Any) -> ErasureReport:
    """Erase the person as compliance does."""
    with acting(Role.COMPLIANCE, user_id=actor.pk):
        return user_erase(user_id=user.pk, actor=actor, reason="asked for it in writing", **options)


def full_life() -> User:
    """A person with something in every table, whose markers stand wherever text can stand."""
    user = UserFactory(handle=OLD_HANDLE, country="IS", locale="is", time_zone="Atlantic/Reykjavik")
    with acting(Role.OWNER, user_id=user.pk):
        handle_change(user_id=user.pk, handle=HANDLE, actor=user, reason=f"{WORDS} marriage")
    profile = ViewerProfileFactory(user=user, display_name=f"{WORDS} name")
    profile_change(viewer_profile_id=profile.pk, actor=None, display_name=f"{WORDS} again", reason=WORDS)
    UserPasswordFactory(user=user, password_hash=f"argon2${WORDS}")
    SessionFactory(
        user=user, address=ADDRESS, user_agent=WORDS, token_digest=session_digest(WORDS), revoked_by=user
    )
    login_event_record(user=user, failure=None, address=ADDRESS, user_agent=WORDS)
    LinkFactory(user=user, subject=f"{WORDS}-subject")
    key = f"people/{user.pk}/{WORDS}"
    MediaFactory(user=user, object_key=f"{key}.webp")
    MediaFactory(user=user, kind=MediaKind.GALLERY, position=0, status="approved", object_key=f"{key}.png")
    FlagFactory(user=user, note=f"{WORDS} seen")
    AcceptanceFactory(user=user, address=ADDRESS, user_agent_family=WORDS)
    ConsentFactory(user=user)
    AgeFactory(user=user)
    RestrictionFactory(user=user)
    contact = add(user, f"{WORDS}@example.org")
    with acting(Role.VIEWER, user_id=user.pk):
        verification_request(contact_id=contact.pk, actor=user)
    enrolled(user)
    run(
        "INSERT INTO axes_accessattempt (user_agent, ip_address, username, http_accept, path_info, attempt_time, "
        "get_data, post_data, failures_since_start) VALUES ('', %s, %s, '', '', now(), '', '', 1)",
        [ADDRESS, str(user.pk)],
    )
    run(
        "UPDATE accounts_user SET status = 'closed', closed_at = now() - interval '31 days', last_seen_at = now() "
        "WHERE id = %s",
        [user.pk],
    )
    return User.objects.get(pk=user.pk)


def columns() -> Iterator[tuple[str, str, str]]:
    """Every column of the schema that could hold words, addresses, documents or bytes."""
    yield from run(
        "SELECT c.relname, a.attname, format_type(a.atttypid, NULL) "
        "FROM pg_attribute a JOIN pg_class c ON c.oid = a.attrelid "
        "WHERE c.relnamespace = 'vbl'::regnamespace AND c.relkind IN ('r', 'p') AND NOT c.relispartition "
        "AND a.attnum > 0 AND NOT a.attisdropped "
        "AND format_type(a.atttypid, NULL) IN ('text', 'text[]', 'character varying', 'jsonb', 'json', 'inet', "
        "'cidr', 'bytea', 'xml')"
    )


def found_markers() -> set[tuple[str, str]]:
    """Table and column of everything in which a marker of that person stands."""
    found = set()
    digest = session_digest(WORDS).hex()
    for table, column, kind in columns():
        text = f"encode({column}, 'hex') || ' ' || encode({column}, 'escape')" if kind == "bytea" else column
        for marker in (*MARKERS, digest):
            if run(
                f"SELECT EXISTS (SELECT FROM {connection.ops.quote_name(table)} "
                f"WHERE strpos(lower(({text})::text), %s) > 0)",
                [marker],
            )[0][0]:
                found.add((table, column))
    return found
