"""The access matrix: which role may do what to which table, from the one declaration of the apps."""

from django.db.models import Model

from core.db.access import ALL_COLUMNS, Rights, function_rights, table_rights
from core.db.roles import ACTING_ROLES, Role
from core.documents.dictionary import TEST_APPS
from core.documents.markdown import blocks, code, table

LETTERS = {"select": "S", "insert": "I", "update": "U", "delete": "D"}
COLUMNS: tuple[Role, ...] = (Role.APP, *ACTING_ROLES, Role.RETENTION)


def _letters(rights: Rights | None) -> str:
    return "".join(LETTERS[verb] for verb in rights.verbs) if rights else ""


def _declared() -> list[tuple[str, dict[Role, Rights]]]:
    declared: dict[type[Model], dict[Role, Rights]] = table_rights()
    return sorted(
        (model._meta.db_table, rights)
        for model, rights in declared.items()
        if model._meta.app_label not in TEST_APPS
    )


def _updatable(rights: dict[Role, Rights]) -> str:
    """The columns that roles may update: roles with the same columns together."""
    by_columns: dict[tuple[str, ...], list[str]] = {}
    for role in COLUMNS:
        if role in rights and rights[role].update:
            by_columns.setdefault(rights[role].update, []).append(role.short)
    return "; ".join(
        f"{', '.join(roles)}: {'every column' if columns == ALL_COLUMNS else ', '.join(map(code, columns))}"
        for columns, roles in by_columns.items()
    )


def _actions(rights: dict[Role, Rights]) -> str:
    by_action: dict[str, list[str]] = {}
    for role in COLUMNS:
        for action in rights[role].may if role in rights else ():
            by_action.setdefault(action, []).append(role.short)
    return "; ".join(f"{code(action)}: {', '.join(roles)}" for action, roles in sorted(by_action.items()))


def access_matrix() -> str:
    """Three tables: verbs by role, updatable columns, named actions; and the functions with their roles."""
    declared = _declared()
    verbs = [(code(name), *(_letters(rights.get(role)) for role in COLUMNS)) for name, rights in declared]
    columns = [(code(name), _updatable(rights)) for name, rights in declared if _updatable(rights)]
    actions = [(code(name), _actions(rights)) for name, rights in declared if _actions(rights)]
    functions = [
        (code(signature), ", ".join(role.short for role in COLUMNS if role in roles))
        for signature, roles in sorted(function_rights().items())
    ]
    return blocks(
        "S select, I insert, U update (columns below), D delete. The owner, `vbl_owner`, has every right and is "
        "nobody's acting role; PUBLIC has none. Rows are narrowed further by the policies in the "
        "[dictionary](dictionary/README.md).",
        table(("Table", *(role.short for role in COLUMNS)), verbs),
        "### Columns that may be updated",
        table(("Table", "Role: columns"), columns),
        "### Named actions of the back office",
        table(("Table", "Action: roles"), actions),
        "### Functions with the owner's rights" if functions else "",
        table(("Function", "May be called by"), functions),
    )
