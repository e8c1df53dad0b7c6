"""Make PostgreSQL's grants and Django's group permissions equal to what the apps declare.

Runs after every `migrate`, as the owner. Missing rights are granted and surplus ones revoked, so that a right
given by hand does not outlive the next deployment.
"""

from collections.abc import Iterable
from typing import Any

from django.apps import apps
from django.contrib.auth.models import Group, Permission
from django.contrib.contenttypes.models import ContentType
from django.db import connections
from django.db.models import Model

from core.db.access import ALL_COLUMNS, DJANGO_VERBS, Rights, function_rights, table_rights
from core.db.roles import ACTING_ROLES, Role

GRANTEES = tuple(role.value for role in Role if role is not Role.OWNER)

TABLE_GRANTS = """
SELECT c.relname, g.rolname, lower(a.privilege_type), NULL
FROM pg_class c, aclexplode(c.relacl) a JOIN pg_roles g ON g.oid = a.grantee
WHERE c.relnamespace = 'vbl'::regnamespace AND c.relkind IN ('r', 'p', 'v') AND g.rolname = ANY(%(roles)s)
UNION ALL
SELECT c.relname, g.rolname, lower(a.privilege_type), t.attname
FROM pg_class c JOIN pg_attribute t ON t.attrelid = c.oid AND NOT t.attisdropped,
  aclexplode(t.attacl) a JOIN pg_roles g ON g.oid = a.grantee
WHERE c.relnamespace = 'vbl'::regnamespace AND c.relkind IN ('r', 'p', 'v') AND g.rolname = ANY(%(roles)s)
"""
FUNCTION_GRANTS = """
SELECT p.oid::regprocedure::text, g.rolname
FROM pg_proc p, aclexplode(p.proacl) a JOIN pg_roles g ON g.oid = a.grantee
WHERE p.pronamespace IN ('vbl'::regnamespace, 'crypt'::regnamespace) AND g.rolname = ANY(%(roles)s)
"""

Grant = tuple[str, str, str, str | None]
"""Table, role, privilege, column (None: the whole table)."""


def _table_grants(table: str, role: Role, rights: Rights, columns: Iterable[str]) -> set[Grant]:
    known = set(columns)
    found: set[Grant] = {(table, role.value, verb, None) for verb in rights.verbs if verb != "update"}
    if rights.update == ALL_COLUMNS:
        found.add((table, role.value, "update", None))
    for column in rights.update if rights.update != ALL_COLUMNS else ():
        if column not in known:
            raise LookupError(f"{table} has no column {column}, which {role.value} may update.")
        found.add((table, role.value, "update", column))
    return found


def declared_grants() -> set[Grant]:
    """Every grant that the declarations ask for. Raises LookupError for a column that does not exist."""
    found: set[Grant] = set()
    for model, rights in table_rights().items():
        columns = [str(field.column) for field in model._meta.concrete_fields]
        for role, right in rights.items():
            found |= _table_grants(model._meta.db_table, role, right, columns)
    return found


def existing_grants(using: str = "default") -> set[Grant]:
    """Every grant on tables, views and columns of the schema to one of our roles, except the owner."""
    with connections[using].cursor() as cursor:
        cursor.execute(TABLE_GRANTS, {"roles": list(GRANTEES)})
        return {tuple(row) for row in cursor.fetchall()}


def _sql(grant: Grant, verb: str, preposition: str, quote: Any) -> str:
    table, role, privilege, column = grant
    what = f"{privilege.upper()} ({quote(column)})" if column else privilege.upper()
    return f"{verb} {what} ON {quote(table)} {preposition} {quote(role)}"


def _normalised(cursor: Any, signature: str) -> str:
    cursor.execute("SELECT %s::regprocedure::text", [signature])
    return str(cursor.fetchone()[0])


def synchronise_grants(using: str = "default") -> tuple[int, int]:
    """Grant what is missing and revoke what is surplus; returns how many of each."""
    connection = connections[using]
    tables = set(connection.introspection.table_names(include_views=True))
    wanted = {grant for grant in declared_grants() if grant[0] in tables}
    existing = existing_grants(using)
    quote = connection.ops.quote_name
    missing, surplus = wanted - existing, existing - wanted
    with connection.cursor() as cursor:
        for grant in sorted(surplus, key=str):
            cursor.execute(_sql(grant, "REVOKE", "FROM", quote))
        for grant in sorted(missing, key=str):
            cursor.execute(_sql(grant, "GRANT", "TO", quote))
        functions = {
            (_normalised(cursor, signature), role.value)
            for signature, roles in function_rights().items()
            for role in roles
        }
        cursor.execute(FUNCTION_GRANTS, {"roles": list(GRANTEES)})
        executable = {tuple(row) for row in cursor.fetchall()}
        for signature, role in sorted(executable - functions):
            cursor.execute(f"REVOKE EXECUTE ON FUNCTION {signature} FROM {quote(role)}")
        for signature, role in sorted(functions - executable):
            cursor.execute(f"GRANT EXECUTE ON FUNCTION {signature} TO {quote(role)}")
    return len(missing) + len(functions - executable), len(surplus) + len(executable - functions)


def _codenames(model: type[Model], rights: Rights) -> set[str]:
    if model._meta.auto_created:  # Django makes no permissions for the table behind a many-to-many field
        return set()
    name = model._meta.model_name
    return {f"{DJANGO_VERBS[verb]}_{name}" for verb in rights.verbs} | set(rights.may)


def synchronise_groups(using: str = "default") -> None:
    """Give the group of every acting role exactly the permissions that its rights imply."""
    permissions = {
        (permission.content_type_id, permission.codename): permission
        for permission in Permission.objects.using(using)
    }
    types = {
        model: ContentType.objects.db_manager(using).get_for_model(model, for_concrete_model=False)
        for model in table_rights()
    }
    for role in ACTING_ROLES:
        group, _ = Group.objects.using(using).get_or_create(name=role.short)
        group.permissions.set(
            permissions[types[model].pk, codename]
            for model, rights in table_rights().items()
            if role in rights
            for codename in _codenames(model, rights[role])
        )


def synchronise(using: str = "default", **_: Any) -> None:
    """Both synchronisations; called when the last app of a `migrate` is done."""
    with connections[using].cursor() as cursor:
        cursor.execute("SELECT pg_has_role(current_user, 'vbl_owner', 'MEMBER')")
        owner = cursor.fetchone()[0]
    migrated = set(connections[using].introspection.table_names(include_views=True))
    if owner and all(model._meta.db_table in migrated for model in apps.get_models()):
        synchronise_grants(using)
        synchronise_groups(using)
