"""Row-level security of people, by SQL: nobody decides about themselves, whatever the service forgets."""

import pytest

from accounts.models import User
from core.db.context import acting
from core.db.roles import Role
from tests.accounts.factories import (
    FlagFactory,
    RestrictionFactory,
    SessionFactory,
    UserFactory,
    UserPasswordFactory,
    ViewerProfileFactory,
    staff,
)
from tests.sql import affected, refused, run

pytestmark = pytest.mark.django_db

DECIDERS = (Role.MODERATOR, Role.LEAD_MODERATOR, Role.COMPLIANCE, Role.ADMINISTRATOR)
RESTRICT = (
    "INSERT INTO accounts_restriction (user_id, kind, valid, reason, decided_by_id) "
    "VALUES (%s, 'chat', tstzrange(now(), null), 'because', %s)"
)
GRANT = (
    "INSERT INTO accounts_rolegrant (user_id, role, valid, reason, grantor_id) "
    "VALUES (%s, 'vbl_auditor', tstzrange(now(), null), 'because', %s)"
)


@pytest.mark.parametrize("role", DECIDERS)
def test_ones_own_status_and_restrictions(role: Role) -> None:
    me, other = staff(role), UserFactory()
    mine = RestrictionFactory(user=me, kind="tip")
    with acting(role, user_id=me.pk):
        assert affected("UPDATE accounts_user SET status = status WHERE id = %s", [me.pk]) == 0
        assert affected("UPDATE accounts_user SET status = status WHERE id = %s", [other.pk]) == 1
        assert affected("UPDATE accounts_restriction SET valid = valid WHERE id = %s", [mine.pk]) == 0
        run(RESTRICT, [other.pk, me.pk])
        for user, decided_by in ((me, me), (me, other), (me, None), (other, other)):
            with refused("row-level security|violates"):
                run(RESTRICT, [user.pk, getattr(decided_by, "pk", None)])


def test_nobody_grants_themselves_a_role() -> None:
    me, other = staff(Role.ADMINISTRATOR), UserFactory()
    with acting(Role.ADMINISTRATOR, user_id=me.pk):
        run(GRANT, [other.pk, me.pk])
        for user, grantor in ((me, me), (me, other), (me, None), (other, other), (other, None)):
            with refused("row-level security|violates"):
                run(GRANT, [user.pk, getattr(grantor, "pk", None)])
        assert affected("UPDATE accounts_rolegrant SET valid = valid WHERE user_id = %s", [me.pk]) == 0
        assert affected("UPDATE accounts_rolegrant SET valid = valid WHERE user_id = %s", [other.pk]) == 1
    with refused("accounts_rolegrant_grantor_check"):
        run(GRANT, [me.pk, me.pk])


@pytest.mark.parametrize("role", [role for role in Role if role not in (Role.OWNER, Role.ADMINISTRATOR)])
def test_no_other_role_grants_anything(role: Role) -> None:
    me, other = UserFactory(), UserFactory()
    with acting(role, user_id=me.pk), refused("permission denied"):
        run(GRANT, [other.pk, me.pk])


@pytest.mark.parametrize("role", [Role.SUPPORT, *DECIDERS[:3]])
def test_flags_are_raised_in_ones_own_name_about_others(role: Role) -> None:
    me, other = staff(role), UserFactory()
    statement = (
        "INSERT INTO accounts_accountflag (user_id, kind, source, confidence, note, raised_by_id) "
        "VALUES (%s, 'spam', 'staff', 1, '', %s)"
    )
    mine = FlagFactory(user=me, kind="underage")
    with acting(role, user_id=me.pk):
        run(statement, [other.pk, me.pk])
        for user, raised_by in ((me, me), (other, other), (other, None)):
            with refused("row-level security"):
                run(statement, [user.pk, getattr(raised_by, "pk", None)])
        assert affected("UPDATE accounts_accountflag SET resolution = null WHERE id = %s", [mine.pk]) == 0


@pytest.mark.parametrize("role", [Role.VIEWER, Role.PERFORMER])
def test_people_see_their_own_rows_only(role: Role) -> None:
    me, other = UserFactory(), UserFactory()
    for user in (me, other):
        ViewerProfileFactory(user=user)
        SessionFactory(user=user)
        RestrictionFactory(user=user)
        UserPasswordFactory(user=user)
    tables = ["viewerprofile", "usersession", "restriction"]
    with acting(role, user_id=me.pk):
        assert run("SELECT id FROM accounts_user") == [(me.pk,)]
        for table in tables:
            assert run(f"SELECT user_id FROM accounts_{table}") == [(me.pk,)]
    with acting(role):
        assert [run(f"SELECT id FROM accounts_{table}") for table in tables] == [[], [], []]


def test_a_viewer_joins_as_nobody_else_and_not_as_active() -> None:
    me, other = UserFactory.build(), UserFactory.build()
    statement = (
        "INSERT INTO accounts_user (id, handle, signed_up_at, locale, time_zone, sign_up_source, status) "
        "VALUES (%s, %s, now(), 'en', 'UTC', 'web', 'pending')"
    )
    with acting(Role.VIEWER, user_id=me.pk):
        with refused("row-level security"):
            run(statement, [other.pk, "somebody"])
        run(statement, [me.pk, "myself_"])


def test_hashes_are_read_by_the_login_role_and_the_person_alone() -> None:
    UserPasswordFactory()
    for role in Role:
        if role in (Role.OWNER, Role.APP):
            continue
        with acting(role, user_id=UserFactory().pk):
            allowed = run("SELECT has_table_privilege('accounts_userpassword', 'select')")[0][0]
            assert not allowed or run("SELECT * FROM accounts_userpassword") == [], role
    with acting(Role.APP):
        assert len(run("SELECT * FROM accounts_userpassword")) == 1


def test_staff_end_sessions_in_their_own_name_only() -> None:
    me, session = staff(Role.SUPPORT), SessionFactory()
    statement = "UPDATE accounts_usersession SET revoked_at = now(), revoked_by_id = %s WHERE id = %s"
    with acting(Role.SUPPORT, user_id=me.pk):
        for somebody in (session.user_id, None):
            with refused("row-level security"):
                run(statement, [somebody, session.pk])
        assert affected(statement, [me.pk, session.pk]) == 1
        assert affected(statement, [me.pk, session.pk]) == 0


@pytest.mark.parametrize("table", ["user", "restriction", "rolegrant", "accountflag", "viewerprofile"])
def test_history_of_people_cannot_be_rewritten(user: User, table: str) -> None:
    RestrictionFactory(user=user)
    FlagFactory(user=user)
    ViewerProfileFactory(user=user)
    staff(Role.MODERATOR)
    for statement in ("UPDATE {} SET history_type = '~'", "DELETE FROM {}"):
        with refused("append-only"):
            run(statement.format(f"accounts_historical{table}"))


@pytest.mark.parametrize(("status", "kind"), [("restricted", "chat"), ("suspended", "sign_in")])
def test_nobody_frees_themselves_while_a_restriction_is_in_force(status: str, kind: str) -> None:
    me = UserFactory()
    RestrictionFactory(user=me, kind=kind)
    run("UPDATE accounts_user SET status = 'restricted' WHERE id = %s", [me.pk])
    if status == "suspended":
        run("UPDATE accounts_user SET status = 'suspended' WHERE id = %s", [me.pk])
    with acting(Role.VIEWER, user_id=me.pk), refused("still restricted"):
        run("UPDATE accounts_user SET status = 'active' WHERE id = %s", [me.pk])
    with refused("still restricted"):
        run("UPDATE accounts_user SET status = 'active' WHERE id = %s", [me.pk])


def test_a_suspended_person_becomes_active_while_barred_from_less_than_signing_in() -> None:
    me = UserFactory()
    RestrictionFactory(user=me, kind="chat")
    for status in ("restricted", "suspended", "active"):
        assert affected("UPDATE accounts_user SET status = %s WHERE id = %s", [status, me.pk]) == 1
