"""Refusals that people read, and the translation of database refusals into them."""

from collections.abc import Iterator

from django.apps import apps
from django.db import IntegrityError
from django.db.models.constraints import BaseConstraint


class Refused(Exception):
    """A business rule says no. `str(error)` is a sentence for the person who asked.

    Services raise subclasses; admin forms, commands and jobs show the message and write nothing.
    """

    code = "refused"

    def __init__(self, message: str) -> None:
        self.message = message
        super().__init__(message)


class IllegalTransition(Refused):
    """The state machine of a model has no such move."""

    code = "illegal_transition"


class StaleVersion(Refused):
    """The row changed after the form that wants to change it was opened."""

    code = "stale_version"


class NotPermitted(Refused):
    """The actor may not do this, whatever the acting role."""

    code = "not_permitted"


def _declared_constraints() -> Iterator[BaseConstraint]:
    for model in apps.get_models():
        yield from model._meta.constraints


def explain(error: IntegrityError) -> str:
    """The sentence for a database refusal, found by the name of the violated constraint.

    A constraint says its sentence as `violation_error_message` on the model; triggers of the house raise
    sentences themselves (SQLSTATE 23514). Anything else is named, never hidden.
    """
    diagnosis = getattr(error.__cause__, "diag", None)
    name = getattr(diagnosis, "constraint_name", None)
    if name is None:
        return f"The database refused this: {error}"
    for constraint in _declared_constraints():
        if constraint.name == name:
            default = BaseConstraint.default_violation_error_message
            if constraint.violation_error_message != default:
                return str(constraint.get_violation_error_message())
            return f"This would break the rule {name}."
    return str(diagnosis.message_primary) if diagnosis else f"This would break the rule {name}."
