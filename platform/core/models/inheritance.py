"""What a base class promises, every concrete model gets.

Meta is not inherited unless a class asks for it, so a rule kept there could be forgotten. Bases declare
`base_triggers` and `base_constraints`; a `StateMachine` on a model brings its CHECK and its trigger; a blind
index brings its own; a policy brings the owner's; a declaration of whose its rows are brings the trigger of legal
holds, and one of when they are over what the retention role needs. All are added here, once, when Django has prepared
the class.
"""

from typing import Any

from django.db.models import Model
from django.db.models.signals import class_prepared
from django.dispatch import receiver

from core.db.holds import promised_by_holds
from core.db.policies import OwnerPolicy, Policy
from core.db.retention import promised_indexes, promised_policies, promised_triggers
from core.db.states import StateMachine
from core.db.triggers import AppendOnly

MIGRATION_MODULE = "__fake__"


def _from_bases(model: type[Model], attribute: str) -> list[Any]:
    found: list[Any] = []
    for base in reversed(model.__mro__):
        found.extend(item for item in base.__dict__.get(attribute, ()) if item not in found)
    return found


def _from_fields(model: type[Model], method: str) -> list[Any]:
    return [item for field in model._meta.local_fields for item in getattr(field, method, list)()]


def _state_machines(model: type[Model]) -> list[StateMachine]:
    return [
        value
        for base in reversed(model.__mro__)
        for value in base.__dict__.values()
        if isinstance(value, StateMachine)
    ]


@receiver(class_prepared)
def complete(sender: type[Model], **_: Any) -> None:
    """Add to a concrete model the constraints and triggers that its bases promise."""
    options = sender._meta
    if options.abstract or options.proxy or sender.__module__ == MIGRATION_MODULE:
        return
    machines = _state_machines(sender)
    constraints = [
        *_from_bases(sender, "base_constraints"),
        *(machine.constraint() for machine in machines),
        *_from_fields(sender, "promised_constraints"),
        *promised_policies(sender),
    ]
    triggers = [
        *(trigger.bound_to(sender) for trigger in _from_bases(sender, "base_triggers")),
        *(machine.trigger() for machine in machines),
        *promised_by_holds(sender),
        *promised_triggers(sender),
    ]
    if not any(isinstance(trigger, AppendOnly) for trigger in triggers):
        triggers += _from_fields(sender, "promised_triggers")
    if any(isinstance(constraint, Policy) for constraint in options.constraints):
        constraints.append(OwnerPolicy())
    if constraints:
        options.constraints = [*options.constraints, *options._format_names(constraints)]  # type: ignore[attr-defined]
        options.original_attrs["constraints"] = options.constraints
    if indexes := list(promised_indexes(sender)):
        options.indexes = [*options.indexes, *options._format_names(indexes)]  # type: ignore[attr-defined]
        options.original_attrs["indexes"] = options.indexes
    if triggers:
        own = list(getattr(options, "triggers", []))
        names = {trigger.name for trigger in own}
        options.triggers = [*own, *(trigger for trigger in triggers if trigger.name not in names)]  # type: ignore[attr-defined]
        options.original_attrs["triggers"] = options.triggers  # type: ignore[attr-defined]
