"""What every table of the project must have; a missing piece fails `manage.py check` by name."""

import re
from collections.abc import Iterator, Sequence
from typing import Any

from django.apps import AppConfig, apps
from django.conf import settings
from django.core.checks import CheckMessage, Error, register
from django.db.models import Field, Index, Model
from django.db.models.constraints import BaseConstraint

from core.archive.declaration import check_declaration
from core.db.access import row_policies, table_rights
from core.db.holds import HeldBy, held_by_of, holds_nothing
from core.db.names import MAX_BYTES, constraint_name, is_house_name
from core.db.policies import OwnerPolicy, Policy
from core.db.privacy import Privacy, privacy_of
from core.models.partitioned import Partitioned
from core.models.storage import retention_of, subject_of, term_of, volume_of

HOUSE_APPS = frozenset(
    {"core", "accounts", "performers", "streams", "billing", "engagement", "analytics", "audit", "kernel"}
)

# Column names that are personal in every schema we know; a false alarm is answered by `not_personal(...)`.
SOUNDS_PERSONAL = re.compile(
    r"(^|_)(e?mail|phone|first_name|last_name|full_name|display_name|handle|birth|birth_date|street|postcode|"
    r"address|ip|passport|tax_id|iban|user_agent|device|country|time_zone|locale|reason|note|token|"
    r"password_hash)(_|$)"
)


def house_models() -> Iterator[type[Model]]:
    """Every model with a table that this project declares, history included."""
    for model in apps.get_models():
        if model._meta.app_label in HOUSE_APPS and not model._meta.proxy:
            yield model


def is_personal_table(model: type[Model]) -> bool:
    """Does a row of this table say something about a person?"""
    return any(privacy_of(field) is not Privacy.NONE or _points_at_person(field) for field in _columns(model))


def _columns(model: type[Model]) -> list[Field]:
    return list(model._meta.local_concrete_fields)


def _points_at_person(field: Field) -> bool:
    options = getattr(getattr(field.remote_field, "model", None), "_meta", None)
    return options is not None and options.label == settings.AUTH_USER_MODEL


def _points_at_role(field: Field) -> bool:
    """Whether the field points at a row that is a person in another part, as a performer's profile is."""
    options = getattr(getattr(field.remote_field, "model", None), "_meta", None)
    return options is not None and any(
        own.one_to_one and _points_at_person(own) for own in options.local_concrete_fields
    )


def _comments(model: type[Model]) -> Iterator[CheckMessage]:
    if not model._meta.managed:
        return
    if not model._meta.db_table_comment:
        yield Error(
            f"{model._meta.db_table} has no comment.",
            hint="Say in Meta.db_table_comment what one row is, who writes it and how long it is kept.",
            obj=model,
            id="core.E001",
        )
    for field in _columns(model):
        if not field.db_comment:
            yield Error(
                f"{model._meta.db_table}.{field.column} has no comment.",
                hint="Say in db_comment what it means, in which unit.",
                obj=field,
                id="core.E002",
            )


def _privacy(model: type[Model]) -> Iterator[CheckMessage]:
    for field in _columns(model):
        if SOUNDS_PERSONAL.search(field.column or "") and not hasattr(field, "privacy"):
            yield Error(
                f"{model._meta.db_table}.{field.column} sounds personal and has no privacy class.",
                hint="Wrap the field in personal(...), or in not_personal(...) if it is not.",
                obj=field,
                id="core.E003",
            )


def _row_security(model: type[Model]) -> Iterator[CheckMessage]:
    if not model._meta.managed:  # a view reads with the rights of whoever asks; its tables have the policies
        return
    constraints = model._meta.constraints
    has_policy = any(isinstance(constraint, Policy) for constraint in constraints)
    if is_personal_table(model) and not has_policy:
        yield Error(
            f"{model._meta.db_table} holds personal rows and has no policy.",
            hint="Declare in Meta.constraints which role may see and write which rows: Policy(...).",
            obj=model,
            id="core.E004",
        )
    if has_policy and not any(isinstance(constraint, OwnerPolicy) for constraint in constraints):
        yield Error(
            f"{model._meta.db_table} has policies and none for its owner.",
            hint="Import the model's bases from core.models; they add it.",
            obj=model,
            id="core.E005",
        )


def _names(model: type[Model]) -> Iterator[CheckMessage]:
    table = model._meta.db_table
    declared: list[Index | BaseConstraint] = [*model._meta.indexes, *model._meta.constraints]
    for item in declared:
        if isinstance(item, Policy | OwnerPolicy):
            good = item.name.startswith(f"{table}_"[:40]) and len(item.name.encode()) <= MAX_BYTES
        else:
            good = is_house_name(item.name, table)
        if not good:
            kind = "index" if isinstance(item, Index) else "constraint"
            yield Error(
                f"{table}: the {kind} {item.name} has no name of the house.",
                hint=f"Begin with {table}_, end with _key, _check, _excl or _idx, {MAX_BYTES} bytes at most.",
                obj=model,
                id="core.E006",
            )
        if isinstance(item, Index) and not getattr(item, "serves", ""):
            yield Error(
                f"{table}: the index {item.name} does not say which query it serves.",
                hint="Use BTree, Gin, Gist or Brin of core.db.indexes with serves='...'.",
                obj=model,
                id="core.E007",
            )
    for field in _columns(model):
        name = constraint_name(table, [str(field.column)], "fkey")
        if field.remote_field and name != f"{table}_{field.column}_fkey":
            yield Error(
                f"{table}.{field.column}: the name of its foreign key does not fit into {MAX_BYTES} bytes.",
                obj=field,
                id="core.E008",
            )


def _access(model: type[Model]) -> Iterator[CheckMessage]:
    """A right without a policy finds no row; a policy without a right is never reached."""
    declared = table_rights().get(model)
    if declared is None:
        if model._meta.app_label != "kernel":
            yield Error(
                f"{model._meta.label} is in no access declaration.",
                hint=f"Say in {model._meta.app_label}/access.py which role may do what to it.",
                obj=model,
                id="core.E009",
            )
        return
    policies = row_policies(model)
    if not policies:
        return
    granted = {(role, verb) for role, rights in declared.items() for verb in rights.verbs}
    for role, verb in sorted(granted - set(policies)):
        yield Error(
            f"{role.value} may {verb} {model._meta.db_table} by its grant, and no policy lets any row through.",
            hint="Declare a Policy on the model, or take the right from access.py.",
            obj=model,
            id="core.E010",
        )
    for role, verb in sorted(set(policies) - granted):
        if policies[role, verb].command != "all":
            yield Error(
                f"{model._meta.db_table} has a policy for {role.value} to {verb}, and access.py grants it nothing.",
                hint="Grant it in access.py, or remove the policy.",
                obj=model,
                id="core.E011",
            )


def _storage(model: type[Model]) -> Iterator[CheckMessage]:
    """Nobody can index, page or purge a table of unknown size and life."""
    if model._meta.app_label == "kernel":
        return
    missing = [
        name
        for name, value in (("volume", volume_of(model)), ("retention", retention_of(model)))
        if not value
    ]
    if missing:
        yield Error(
            f"{model._meta.db_table} does not say its {' and its '.join(missing)}.",
            hint='Set volume = Volume.LARGE and retention = "7 years" on the model (core.models.storage).',
            obj=model,
            id="core.E012",
        )
    elif subject_of(model) is None:
        try:
            term_of(retention_of(model))
        except ValueError as error:
            yield Error(f"{model._meta.db_table}: {error}", obj=model, id="core.E023")


def _holds(model: type[Model]) -> Iterator[CheckMessage]:
    """A table about people that nobody thought of would be a hole in every legal hold."""
    if model._meta.app_label == "kernel" or not model._meta.managed:
        return
    held = held_by_of(model)
    partitioned = issubclass(model, Partitioned)
    about_people = partitioned or is_personal_table(model) or any(map(_points_at_role, _columns(model)))
    if held is None and about_people and subject_of(model) is None:
        yield Error(
            f"{model._meta.db_table} does not say whose its rows are, for legal holds.",
            hint='Set held_by = HeldBy(person=("user",), keeps=(...)) or NotHeld("why") on the model (core.db.holds).',
            obj=model,
            id="core.E021",
        )
    if not isinstance(held, HeldBy):
        return
    if held.keeps and holds_nothing(held):
        yield Error(
            f"{model._meta.db_table} keeps columns for a legal hold that cannot reach it.",
            hint="Name a person, stream, archive or recording in held_by.",
            obj=model,
            id="core.E022",
        )
    copied = partitioned or held.gives_way
    if copied and any(privacy_of(field) in (Privacy.ENCRYPTED, Privacy.SEALED) for field in _columns(model)):
        yield Error(
            f"{model._meta.db_table} would be copied out for a legal hold with encrypted columns, whose keys retire.",
            hint="Keep what is encrypted in a table that is neither partitioned nor gives way.",
            obj=model,
            id="core.E022",
        )


def check_model(model: type[Model]) -> list[CheckMessage]:
    """What the model lacks: comments, privacy classes, policies, names, access, size and life, whom it is about."""
    rules = (_comments, _privacy, _row_security, _names, _access, _storage, _holds, check_declaration)
    return [message for rule in rules for message in rule(model)]


def check_house_rules(app_configs: Sequence[AppConfig] | None = None, **_: Any) -> list[CheckMessage]:
    """Every house rule on every table of the project."""
    return [
        message
        for model in house_models()
        if app_configs is None or model._meta.app_config in app_configs
        for message in check_model(model)
    ]


register(check_house_rules, "models")
