"""No table about people can be forgotten: what nobody decided about fails `manage.py check` by name."""

import re
from collections.abc import Iterator, Mapping
from typing import Any

from django.apps import apps
from django.core.checks import CheckMessage, Error, register
from django.core.exceptions import FieldDoesNotExist
from django.db.models import Model

from audit.personal_data.declarations import Decision, Given, Way
from audit.personal_data.map import DECISIONS, PersonalTable, personal_tables
from core.encryption.blind_index import BlindIndexField
from core.models.storage import subject_of

SOUNDS_SECRET = re.compile(
    r"secret|digest|hash|salt|token(?!s)|password|auth|sha256|nonce|fingerprint|signature|(^|_)lease$|_key$"
)
"""Names of columns that must not leave the house unless somebody said so."""


def undecided(model: type[Model]) -> Error:
    """A table about people of which nobody said whose its rows are."""
    return Error(
        f"{model._meta.db_table} holds personal data, and nothing says whose a row is.",
        hint="Set held_by = HeldBy(person=(...)) on the model, or decide in audit/personal_data/decisions_*.py: Given "
        "with its ways, Withheld or Nobodys with the reason. Without it the archive of a person is incomplete.",
        obj=model,
        id="audit.E001",
    )


def _names(decision: Given, table: PersonalTable) -> Iterator[str]:
    either: tuple[Given | Way, ...] = (decision, *table.ways)
    for given in either:
        yield from given.withheld
        if isinstance(given.provided, tuple):
            yield from given.provided
    yield from decision.shown_secrets
    for way in table.ways:
        yield from way.shown


def _unknown_fields(table: PersonalTable) -> Iterator[CheckMessage]:
    known = {field.name for field in table.fields}
    for name in sorted(set(_names(table.decision, table)) - known):  # type: ignore[arg-type]
        yield Error(
            f"{table.model._meta.label}: the map of personal data names the field {name}, which does not exist.",
            obj=table.model,
            id="audit.E003",
        )
    for way in table.ways:
        try:
            table.condition(way)
        except FieldDoesNotExist as error:
            yield Error(
                f"{table.model._meta.label}: the way {way.path} leads nowhere. {error}",
                obj=table.model,
                id="audit.E003",
            )


def _secrets(table: PersonalTable) -> Iterator[CheckMessage]:
    """A column that sounds like a secret is either withheld, or somebody said that it is none."""
    shown = table.decision.shown_secrets if isinstance(table.decision, Given) else ()
    for field in table.fields:
        sounds = SOUNDS_SECRET.search(str(field.column)) and not isinstance(field, BlindIndexField)
        if (
            sounds
            and field.name not in shown
            and not all(table.reason_withheld(field, way) for way in table.ways)
        ):
            yield Error(
                f"{table.table}.{field.column} sounds like a secret and would be handed out.",
                hint="Name it in `withheld` with its reason, or in `shown_secrets` (audit/personal_data/decisions_*).",
                obj=table.model,
                id="audit.E004",
            )


def check_map(
    decisions: Mapping[str, Decision] | None = None, models: list[type[Model]] | None = None
) -> list[CheckMessage]:
    """Everything that is wrong with the map of personal data."""
    decided = DECISIONS if decisions is None else decisions
    tables, open_ones = personal_tables(decided, models)
    found: list[CheckMessage] = [undecided(model) for model in open_ones]
    labels = {model._meta.label for model in apps.get_models(include_auto_created=True)}
    found += [
        Error(
            f"The map of personal data decides about {label}, and there is no such model.",
            hint="Rename or remove it in audit/personal_data/decisions_*.py.",
            id="audit.E002",
        )
        for label in sorted(set(decided) - labels)
    ]
    for table in tables.values():
        if table.ways and subject_of(table.model) is None:
            wrong = list(_unknown_fields(table))
            found += wrong or list(_secrets(table))
    return found


def check_personal_data(app_configs: Any = None, **_: Any) -> list[CheckMessage]:
    """The map is whole; asked of the project, since a table hangs on those of other apps."""
    return check_map()


register(check_personal_data, "models")
