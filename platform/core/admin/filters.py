"""Filters that ask for a value instead of listing all of them: exact matches and spans of time."""

from collections.abc import Callable, Iterator
from datetime import UTC, date, datetime, timedelta
from typing import Any

from django.contrib.admin import ListFilter, SimpleListFilter
from django.contrib.admin.views.main import ChangeList
from django.core.exceptions import FieldDoesNotExist, ValidationError
from django.db.models import Field, Q, QuerySet
from django.http import HttpRequest
from django.utils.dateparse import parse_date, parse_datetime

from core.models.identity import uuid7_floor

LONGEST = 200


class DefaultChoiceFilter(SimpleListFilter):
    """A filter that narrows the list unless something else is asked for.

    Django calls the choice without a value All; `default_label` says what is shown then, and `lookups` offers all of
    it by a value of its own.
    """

    default_label = ""

    def choices(self, changelist: ChangeList) -> Iterator[Any]:
        """Django's, with another word on the first."""
        for number, choice in enumerate(super().choices(changelist)):
            yield {**choice, "display": self.default_label} if number == 0 else choice


class InputFilter(ListFilter):
    """A filter with text inputs. A value that makes no sense is named beside the input and finds nothing."""

    template = "admin/filter_inputs.html"
    parameters: tuple[tuple[str, str], ...] = ()
    """Name in the address and label of each input."""
    input_type = "text"
    help = ""

    def __init__(self, request: HttpRequest, params: dict[str, Any], model: Any, model_admin: Any) -> None:
        super().__init__(request, params, model, model_admin)
        for name, _ in self.parameters:
            values = params.pop(name, None)
            value = values[-1].strip() if values else ""
            if value:
                self.used_parameters[name] = value
        self.errors: dict[str, str] = {}

    def has_output(self) -> bool:
        return True

    def expected_parameters(self) -> list[Any]:
        return [name for name, _ in self.parameters]

    def choices(self, changelist: ChangeList) -> Iterator[dict[str, Any]]:
        """One entry: the inputs, and the rest of the address as hidden inputs."""
        own = set(self.expected_parameters())
        yield {
            "inputs": [
                {
                    "name": name,
                    "label": label,
                    "value": self.used_parameters.get(name, ""),
                    "error": self.errors.get(name, ""),
                    "type": self._type_of(name),
                }
                for name, label in self.parameters
            ],
            "others": [
                (key, value)
                for key, values in self.request.GET.lists()
                for value in values
                if key not in own and key not in {"after", "before", "e", "p"}
            ],
            "help": self.help,
            "clear_url": changelist.get_query_string(remove=list(own)) if self.used_parameters else "",
        }

    def _type_of(self, name: str) -> str:
        """Plain text where a picker would hide what was typed: a mistake, or a day without a time."""
        value = self.value_of(name)
        plain = name in self.errors or (value and "T" not in value)
        return "text" if plain else self.input_type

    def value_of(self, name: str) -> str:
        """What was asked for, "" when nothing."""
        return str(self.used_parameters.get(name, ""))


def _cleaner(model: Any, lookup: str) -> Callable[[str], Any]:
    """How text becomes a value of the column that `lookup` ends at."""
    opts = model._meta
    column: Any = None
    for part in lookup.split("__"):
        try:
            column = opts.pk if part == "pk" else opts.get_field(part)
        except FieldDoesNotExist:
            break
        if column.is_relation and column.related_model:
            opts = column.related_model._meta
    if isinstance(column, Field) and column.is_relation:
        column = column.target_field  # type: ignore[attr-defined]
    if column is None:
        raise ValueError(f"{model.__name__}: {lookup!r} names no column.")
    return column.to_python


def exact(
    parameter: str, label: str, lookup: str = "", find: Callable[[str], Q] | None = None, help: str = ""
) -> type[InputFilter]:
    """A filter for one exact value: `exact("action", "Action")`.

    `lookup` defaults to `parameter`. `find(text)` builds the condition instead, where a handle must become
    an id, say; it raises ValidationError with a sentence for the person when the text makes no sense.
    """
    path = lookup or parameter

    class Exact(InputFilter):
        title = label[:1].lower() + label[1:]
        parameters = ((parameter, label),)

        def queryset(self, request: HttpRequest, queryset: QuerySet) -> QuerySet | None:
            text = self.value_of(parameter)
            if not text:
                return None
            try:
                if len(text) > LONGEST:
                    raise ValidationError(f"At most {LONGEST} characters.")
                condition = find(text) if find else Q(**{path: _cleaner(queryset.model, path)(text)})
            except ValidationError as refusal:
                self.errors[parameter] = " ".join(refusal.messages)
                return queryset.none()
            return queryset.filter(condition)

    Exact.help = help
    Exact.__name__ = Exact.__qualname__ = f"Exact_{parameter}"
    return Exact


def instant_of(text: str, *, end: bool) -> datetime:
    """The instant a date or a date and time means, in UTC. A date alone, as an end, includes its whole day.

    Raises ValidationError with a sentence.
    """
    try:
        moment = parse_datetime(text) if len(text) > 10 else None
        day: date | None = None if moment else parse_date(text)
    except ValueError:
        moment = day = None
    if moment is not None:
        return moment if moment.tzinfo else moment.replace(tzinfo=UTC)
    if day is None:
        raise ValidationError("Write a day as 2026-03-31, or a moment as 2026-03-31T14:30 (UTC).")
    start = datetime(day.year, day.month, day.day, tzinfo=UTC)
    try:
        return start + timedelta(days=1) if end else start
    except OverflowError:
        raise ValidationError("That day lies beyond the calendar.") from None


class TimeFilter(InputFilter):
    """From and until, turned into bounds of the id: on a partitioned table only the months asked for are read.

    Half-open: from the first instant on, until just before the last. Uses the queryset's `between` where it
    has one; every UUIDv7 id carries its instant, so the bounds serve any table.
    """

    title = "time (UTC)"
    parameters = (("since", "From"), ("until", "Until"))
    input_type = "datetime-local"
    help = "A day or a moment, in UTC."

    def queryset(self, request: HttpRequest, queryset: QuerySet) -> QuerySet | None:
        bounds: dict[str, datetime] = {}
        for name, is_end in (("since", False), ("until", True)):
            text = self.value_of(name)
            if text:
                try:
                    bounds[name] = instant_of(text, end=is_end)
                    uuid7_floor(bounds[name])
                except ValidationError as refusal:
                    self.errors[name] = " ".join(refusal.messages)
                except ValueError:
                    self.errors[name] = "There is nothing from before 1970."
        if self.errors:
            return queryset.none()
        if len(bounds) == 2 and bounds["since"] >= bounds["until"]:
            self.errors["until"] = "The end lies before the beginning."
            return queryset.none()
        if len(bounds) == 2 and hasattr(queryset, "between"):
            return queryset.between(bounds["since"], bounds["until"])
        if "since" in bounds:
            queryset = queryset.filter(pk__gte=uuid7_floor(bounds["since"]))
        if "until" in bounds:
            queryset = queryset.filter(pk__lt=uuid7_floor(bounds["until"]))
        return queryset if bounds else None
