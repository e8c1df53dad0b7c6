"""Who may do what to which table: declared once per app, enforced by PostgreSQL and by Django.

Each app's `access.py` has `ACCESS` (tables) and may have `FUNCTIONS` (definer functions). After `migrate`,
`core.db.grants` makes the GRANTs of PostgreSQL and the permissions of Django's groups equal to it.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from functools import cache
from importlib import import_module
from importlib.util import find_spec

from django.apps import apps
from django.db.models import Model

from core.db.policies import Policy
from core.db.retention import over_of
from core.db.roles import STAFF_ROLES, Role

ALL_COLUMNS = ("*",)
VERBS = ("select", "insert", "update", "delete")
DJANGO_VERBS = {"select": "view", "insert": "add", "update": "change", "delete": "delete"}


@dataclass(frozen=True)
class Rights:
    """What one role may do to one table.

    `update` names the columns (`ALL_COLUMNS`: every one). `may` names permissions beyond the four verbs, those
    of the model's `Meta.permissions`: they open named actions of the back office.
    """

    select: bool = False
    insert: bool = False
    update: tuple[str, ...] = ()
    delete: bool = False
    may: tuple[str, ...] = ()

    @property
    def verbs(self) -> tuple[str, ...]:
        """The verbs granted, in the order of `VERBS`."""
        return tuple(verb for verb in VERBS if getattr(self, verb))


READ = Rights(select=True)
AccessDeclaration = Mapping[str, Mapping[Role, Rights]]
FunctionDeclaration = Mapping[str, tuple[Role, ...]]


def readers(*roles: Role) -> dict[Role, Rights]:
    """The same right to read for several roles."""
    return dict.fromkeys(roles, READ)


def _declaring_modules() -> Iterator[object]:
    for config in apps.get_app_configs():
        name = f"{config.name}.access"
        if config.path and find_spec(name):
            yield import_module(name)


def history_of(model: type[Model]) -> type[Model] | None:
    """The history model of `model`, if it keeps one."""
    manager = getattr(model._meta, "simple_history_manager_attribute", None)
    return getattr(model, manager).model if manager else None


def _history_rights(rights: Mapping[Role, Rights]) -> dict[Role, Rights]:
    found: dict[Role, Rights] = {}
    for role, right in rights.items():
        if role is Role.RETENTION:
            continue
        select = right.select and role in STAFF_ROLES
        insert = right.insert or bool(right.update) or right.delete
        if select or insert:
            found[role] = Rights(select=select, insert=insert)
    return found


@cache
def table_rights() -> dict[type[Model], dict[Role, Rights]]:
    """Every declared model, and the history of each, with the rights of each role.

    Who says when its rows are over (`core.db.retention`) lets the retention role read and delete them.

    Raises LookupError for a model that does not exist and ValueError for one declared twice.
    """
    found: dict[type[Model], dict[Role, Rights]] = {}
    for module in _declaring_modules():
        declared: AccessDeclaration = getattr(module, "ACCESS", {})
        for label, rights in declared.items():
            model = apps.get_model(label)
            if model in found:
                raise ValueError(f"Access to {label} is declared twice.")
            found[model] = dict(rights)
            if (history := history_of(model)) is not None:
                found[history] = _history_rights(rights)
    for model, given in found.items():
        if over_of(model) is not None:
            given[Role.RETENTION] = replace(given.get(Role.RETENTION, Rights()), select=True, delete=True)
    return found


@cache
def function_rights() -> dict[str, tuple[Role, ...]]:
    """Every declared function signature with the roles that may execute it."""
    found: dict[str, tuple[Role, ...]] = {}
    for module in _declaring_modules():
        found |= getattr(module, "FUNCTIONS", {})
    return found


def row_policies(model: type[Model]) -> dict[tuple[Role, str], Policy]:
    """The policies of a model by role and verb; a policy for all commands counts for each."""
    found: dict[tuple[Role, str], Policy] = {}
    for constraint in model._meta.constraints:
        if isinstance(constraint, Policy):
            verbs = VERBS if constraint.command == "all" else (constraint.command,)
            found |= {(constraint.role, verb): constraint for verb in verbs}
    return found
