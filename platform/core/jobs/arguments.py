"""Arguments of jobs as JSON: ids and other small values, never the contents they stand for."""

import inspect
from collections.abc import Callable, Mapping
from datetime import date, datetime
from typing import Any, get_type_hints
from uuid import UUID

from core.jobs.errors import BadArguments

LONGEST_TEXT = 200
"""Characters of one text; longer ones are contents, which belong into a table."""

PLAIN = (bool, int, float, type(None))
READERS: dict[type, Callable[[str], Any]] = {
    UUID: UUID,
    datetime: datetime.fromisoformat,
    date: date.fromisoformat,
}


def written(
    function: Callable[..., Any], given: Mapping[str, Any], *, supplied: tuple[str, ...] = ()
) -> dict[str, Any]:
    """The arguments as JSON values. `supplied` names the parameters that the worker fills in.

    Raises BadArguments for a name that the function does not take, one that is missing, or a value that is no id,
    number, short text, date or list of those.
    """
    try:
        inspect.signature(function).bind(**given, **dict.fromkeys(supplied))
    except TypeError as error:
        raise BadArguments(f"The job {function.__name__} cannot be called so: {error}.") from None
    return {name: _value(name, value) for name, value in given.items()}


def _value(name: str, value: Any) -> Any:
    if isinstance(value, PLAIN):
        return value
    if isinstance(value, UUID):
        return str(value)
    if isinstance(value, date):
        return value.isoformat()
    if isinstance(value, str) and len(value) <= LONGEST_TEXT:
        return str(value)
    if isinstance(value, list | tuple):
        return [_value(name, item) for item in value]
    raise BadArguments(
        f"The argument {name} of a job is an id, a number, a date or a text of at most {LONGEST_TEXT} characters: "
        f"give the id of the row, and let the job read it."
    )


def read(function: Callable[..., Any], kept: Mapping[str, Any]) -> dict[str, Any]:
    """The arguments as the function expects them: ids and times in the type that its hints name."""
    hints = get_type_hints(function)
    return {name: _typed(value, hints.get(name)) for name, value in kept.items()}


def _typed(value: Any, hint: Any) -> Any:
    reader = next((READERS[kind] for kind in (UUID, datetime, date) if _names(hint, kind)), None)
    if reader is None:
        return value
    if isinstance(value, str):
        return reader(value)
    return [reader(item) for item in value] if isinstance(value, list) else value


def _names(hint: Any, kind: type) -> bool:
    """Whether the hint is the kind, or a union or list of it: `UUID`, `UUID | None`, `list[UUID]`."""
    return hint is kind or any(_names(part, kind) for part in getattr(hint, "__args__", ()))
