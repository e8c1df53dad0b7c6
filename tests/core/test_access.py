"""One declaration, two enforcers: Django and PostgreSQL agree for every role, table and verb."""

from collections.abc import Iterator

import pytest
from django.apps import apps
from django.contrib.auth.models import Group

from core.db.access import DJANGO_VERBS, VERBS, function_rights, row_policies, table_rights
from core.db.grants import declared_grants, existing_grants, synchronise_grants
from core.db.roles import ACTING_ROLES, Role
from tests.sql import run

pytestmark = pytest.mark.django_db

HOUSE = ("core", "accounts", "performers", "streams", "billing", "engagement", "analytics", "audit")


def tables() -> Iterator[tuple[str, str, str]]:
    """Table, app label and model name of everything that is migrated."""
    for model in apps.get_models(include_auto_created=True):
        if model._meta.app_label != "kernel":
            yield model._meta.db_table, model._meta.app_label, str(model._meta.model_name)


def postgresql_allows(role: Role, table: str, verb: str) -> bool:
    check = "has_any_column_privilege(%s, %s, %s)" if verb != "delete" else "has_table_privilege(%s, %s, %s)"
    return bool(run(f"SELECT {check}", [role.value, f"vbl.{table}", verb])[0][0])


@pytest.mark.parametrize("role", ACTING_ROLES)
def test_django_and_postgresql_agree(role: Role) -> None:
    group = Group.objects.get(name=role.short)
    permitted = {
        (permission.content_type.app_label, permission.codename)
        for permission in group.permissions.select_related("content_type")
    }
    disagreements = []
    for model in apps.get_models():
        table, app, name = model._meta.db_table, model._meta.app_label, model._meta.model_name
        if app == "kernel" or not model._meta.managed:
            continue
        for verb in VERBS:
            django = (app, f"{DJANGO_VERBS[verb]}_{name}") in permitted
            if django != postgresql_allows(role, table, verb):
                disagreements.append(f"{table} {verb}: Django says {django}")
    assert disagreements == []


@pytest.mark.parametrize("role", [Role.APP, *ACTING_ROLES, Role.RETENTION])
def test_no_role_may_truncate_refer_or_make_triggers(role: Role) -> None:
    too_much = [
        (table, verb)
        for table, _, _ in tables()
        for verb in ("TRUNCATE", "REFERENCES", "TRIGGER", "MAINTAIN")
        if run("SELECT has_table_privilege(%s, %s, %s)", [role.value, f"vbl.{table}", verb])[0][0]
    ]
    assert too_much == []


def test_live_grants_are_those_declared() -> None:
    assert existing_grants() == declared_grants()


def test_a_right_given_by_hand_is_taken_back_and_a_missing_one_given() -> None:
    run("GRANT DELETE ON accounts_user TO vbl_moderator")
    run("GRANT SELECT (handle) ON accounts_user TO vbl_analyst")
    run("REVOKE SELECT ON accounts_user FROM vbl_support")
    assert synchronise_grants() == (1, 2)
    assert existing_grants() == declared_grants()


def test_synchronising_twice_changes_nothing() -> None:
    assert synchronise_grants() == (0, 0)


def test_no_partition_is_granted_to_anybody() -> None:
    assert (
        run(
            "SELECT c.relname FROM pg_class c, aclexplode(c.relacl) a "
            "WHERE c.relispartition AND a.grantee <> c.relowner"
        )
        == []
    )


def test_public_may_nothing() -> None:
    assert (
        run(
            "SELECT c.relname FROM pg_class c, aclexplode(c.relacl) a "
            "WHERE c.relnamespace = 'vbl'::regnamespace AND a.grantee = 0"
        )
        == []
    )
    assert (
        run(
            "SELECT p.proname FROM pg_proc p, aclexplode(coalesce(p.proacl, acldefault('f', p.proowner))) a "
            "WHERE p.pronamespace = 'vbl'::regnamespace AND a.grantee = 0"
        )
        == []
    )


def test_every_right_on_a_guarded_table_has_its_policy() -> None:
    for model, rights in table_rights().items():
        policies = row_policies(model)
        if policies:
            granted = {(role, verb) for role, right in rights.items() for verb in right.verbs}
            assert granted <= set(policies), model


def test_live_policies_are_those_declared() -> None:
    """RunSQL is invisible to makemigrations: what is live is compared with what is declared."""
    declared = {
        (model._meta.db_table, constraint.name)
        for model in apps.get_models()
        for constraint in model._meta.constraints
        if hasattr(constraint, "role") or constraint.name.endswith("_owner_all")
    }
    live = set(
        run(
            "SELECT c.relname, p.polname FROM pg_policy p JOIN pg_class c ON c.oid = p.polrelid "
            "WHERE NOT c.relispartition"
        )
    )
    assert live == declared


def test_live_triggers_are_those_declared() -> None:
    declared = {
        (model._meta.db_table, trigger.get_pgid(model))
        for model in apps.get_models()
        for trigger in getattr(model._meta, "triggers", [])
    }
    live = set(
        run(
            "SELECT c.relname, t.tgname FROM pg_trigger t JOIN pg_class c ON c.oid = t.tgrelid "
            "WHERE NOT t.tgisinternal AND t.tgparentid = 0 AND c.relnamespace = 'vbl'::regnamespace "
            "AND t.tgname !~ '^procrastinate_'"
        )
    )
    assert live == declared


def test_the_queue_has_its_librarys_triggers_and_one_of_ours() -> None:
    names = [
        name
        for (name,) in run(
            "SELECT tgname FROM pg_trigger WHERE tgrelid = 'procrastinate_jobs'::regclass "
            "AND NOT tgisinternal AND tgname !~ '_v1$'"
        )
    ]
    assert names == ["procrastinate_jobs_00_guard"]


def test_functions_are_executable_by_the_declared_roles_only() -> None:
    for signature, roles in function_rights().items():
        allowed = {
            role
            for role in (Role.APP, *ACTING_ROLES, Role.RETENTION)
            if run("SELECT has_function_privilege(%s, %s, 'EXECUTE')", [role.value, signature])[0][0]
        }
        assert allowed == set(roles), signature


def test_the_login_role_inherits_nothing() -> None:
    assert run(
        "SELECT count(*) FROM pg_auth_members m JOIN pg_roles r ON r.oid = m.member "
        "WHERE r.rolname = 'vbl_app' AND m.inherit_option"
    ) == [(0,)]


def test_nobody_but_the_login_role_and_newcomers_read_password_hashes() -> None:
    readers = [role for role in ACTING_ROLES if postgresql_allows(role, "accounts_userpassword", "select")]
    assert set(readers) <= {Role.VIEWER, Role.ADMINISTRATOR}
