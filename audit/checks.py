"""System checks of oversight: no table is kept for ever because nobody thought of it."""

from collections.abc import Iterator
from typing import Any

from django.core.checks import CheckMessage, Error, register
from django.db.models import Model

from audit.retention_duties import (
    BY_JOB,
    SECOND_TERMS,
    WAITS,
    beginning_of,
    declared_models,
    duty_of,
    second_term_of,
)
from core.db.retention import GoesWith, Over, names_objects, over_of
from core.models.partitioned import Partitioned
from core.models.storage import retention_of, subject_of, term_of


def check_duty(model: type[Model]) -> Iterator[CheckMessage]:
    """What is missing or contradictory in how the words of one table are obeyed."""
    table = model._meta.db_table
    over = over_of(model)
    if duty_of(model) is None:
        yield Error(
            f"{table} is kept {retention_of(model)!r}, and nobody obeys that.",
            hint="Set over = Over(...) on the model (core.db.retention), or name it in audit/retention_duties.py: "
            "which job obeys it, or why nobody can yet.",
            obj=model,
            id="audit.E101",
        )
    term = term_of(retention_of(model))
    if term.period and not issubclass(model, Partitioned) and beginning_of(model, term) is None:
        yield Error(
            f"{table} does not say from when on its period counts, so that nobody can count what is over.",
            hint="Say it in COUNTED of audit/retention_duties.py.",
            obj=model,
            id="audit.E108",
        )
    if over is not None and (table in BY_JOB or table in WAITS):
        yield Error(
            f"{table} says when it is over, and audit/retention_duties.py says that the run does not obey it.",
            hint="Take it from there.",
            obj=model,
            id="audit.E102",
        )
    if isinstance(over, Over) and term_of(retention_of(model)).period is None:
        yield Error(
            f"{table} says when it is over, and its words name no period.",
            hint='Begin the words with a period ("7 years after its end"), or let it go with something (GoesWith).',
            obj=model,
            id="audit.E103",
        )
    if isinstance(over, GoesWith) and not _parent_is_over(model, over):
        yield Error(
            f"{table} goes with {over.parent}, whose rows nobody deletes by a period.",
            hint="Set over = Over(...) on that model too.",
            obj=model,
            id="audit.E104",
        )
    if not names_objects(model):
        yield Error(
            f"{table} names an object in storage by a column that is not sealed.",
            hint="Over(objects=...) takes sealed columns.",
            obj=model,
            id="audit.E105",
        )
    if second_term_of(model) and (subject_of(model) or model)._meta.db_table not in SECOND_TERMS:
        yield Error(
            f"The words of {table} name a second period: {second_term_of(model)!r}.",
            hint="Say in SECOND_TERMS of audit/retention_duties.py who obeys it, or that nobody does.",
            obj=model,
            id="audit.E106",
        )


def _parent_is_over(model: type[Model], goes: GoesWith) -> bool:
    parent: Any = model._meta.get_field(goes.parent).related_model
    return isinstance(over_of(parent), Over)


@register("models")
def check_duties(app_configs: Any = None, **_: Any) -> list[CheckMessage]:
    """Every table of the project, and every name in the declarations."""
    models = declared_models()
    found = [
        message
        for model in models.values()
        if app_configs is None or model._meta.app_config in app_configs
        for message in check_duty(model)
    ]
    if app_configs is None:
        found += [
            Error(f"audit/retention_duties.py names {table}, which is no table.", id="audit.E107")
            for table in sorted({*BY_JOB, *WAITS, *SECOND_TERMS} - set(models))
        ]
    return found
