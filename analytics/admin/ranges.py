"""Which days a page of insight shows: the form, its presets, and the range before for comparison."""

import datetime as dt
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlencode
from zoneinfo import ZoneInfo

from django import forms
from django.core.exceptions import ValidationError

from core.db.clock import database_now
from performers.errors import ScheduleRefused
from performers.wall_clock import zone_named

MOST_DAYS = 400
"""A year and its leap day, and a month for comparison; longer ranges are asked for in parts."""

UTC = ZoneInfo("UTC")
EARLIEST = dt.date(1970, 1, 1) + dt.timedelta(days=MOST_DAYS)
"""Before this day the range before would leave the calendar of the database's ids."""

DAY = dt.timedelta(days=1)


def day_words(day: dt.date) -> str:
    """A day as people write it: 3 Mar 2026."""
    return f"{day.day} {day:%b %Y}"


@dataclass(frozen=True)
class DateRange:
    """Whole days, the first and the last included, by the clocks of `zone`."""

    since: dt.date
    until: dt.date
    zone: ZoneInfo = UTC

    @property
    def days(self) -> int:
        """How many days there are."""
        return (self.until - self.since).days + 1

    @property
    def previous(self) -> "DateRange":
        """As many days, directly before."""
        return DateRange(self.since - DAY * self.days, self.since - DAY, self.zone)

    @property
    def start(self) -> dt.datetime:
        """The first instant (UTC)."""
        return dt.datetime.combine(self.since, dt.time(), self.zone).astimezone(dt.UTC)

    @property
    def end(self) -> dt.datetime:
        """The first instant after it (UTC): the range is half-open."""
        return dt.datetime.combine(self.until + DAY, dt.time(), self.zone).astimezone(dt.UTC)

    def __iter__(self) -> Iterator[dt.date]:
        """Each day, in order."""
        return (self.since + DAY * step for step in range(self.days))

    def __str__(self) -> str:
        return f"{day_words(self.since)} to {day_words(self.until)} ({self.zone.key})"


@dataclass(frozen=True)
class Preset:
    """A range that many ask for, as a link."""

    words: str
    since: dt.date
    until: dt.date
    query: str
    is_chosen: bool


def _month_before(day: dt.date) -> tuple[dt.date, dt.date]:
    last = day.replace(day=1) - DAY
    return last.replace(day=1), last


def spans(today: dt.date) -> tuple[tuple[str, dt.date, dt.date], ...]:
    """The ranges on offer, as of `today`: words, first day, last day."""
    return (
        ("Last 7 days", today - DAY * 6, today),
        ("Last 28 days", today - DAY * 27, today),
        ("Last 90 days", today - DAY * 89, today),
        ("This month", today.replace(day=1), today),
        ("Last month", *_month_before(today)),
        ("Last 365 days", today - DAY * 364, today),
    )


def _day(label: str) -> forms.DateField:
    return forms.DateField(
        label=label,
        input_formats=["%Y-%m-%d"],
        widget=forms.DateInput(format="%Y-%m-%d", attrs={"type": "date"}),
        error_messages={
            "required": "Choose a day.",
            "invalid": "Write a day of the calendar as 2026-03-31.",
        },
    )


class RangeForm(forms.Form):
    """From, until, time zone, and whether to compare; subclass it to ask for more.

    `days` is how many days are shown where nothing is asked for. Without `has_zone` days are those of UTC, as roll-ups
    by day are, and any other zone in the address is refused with a sentence. `chosen` is the range, once valid.
    """

    since = _day("From")
    until = _day("Until")
    zone = forms.CharField(
        label="Time zone",
        max_length=64,
        empty_value="UTC",
        required=False,
        help_text="A name of the IANA database, such as Europe/Berlin.",
    )
    compare = forms.BooleanField(label="Compare with the days before", required=False)

    def __init__(self, asked: Any, *, days: int = 28, has_zone: bool = False) -> None:
        self.today = database_now().astimezone(dt.UTC).date()
        self.has_zone = has_zone
        given = asked.dict() if hasattr(asked, "dict") else dict(asked)
        is_new = not given.get("since") and not given.get("until")
        if is_new:
            given |= {"since": f"{self.today - DAY * (days - 1)}", "until": f"{self.today}"}
            given.setdefault("compare", "on")
        given.setdefault("zone", "UTC")
        super().__init__(given, auto_id="asked_%s")
        if not has_zone:
            self.fields["zone"].widget = forms.HiddenInput()

    def clean_zone(self) -> ZoneInfo:
        """A zone that exists, and that this page can count by."""
        name = self.cleaned_data["zone"]
        try:
            zone = zone_named(name)
        except ScheduleRefused as refusal:
            raise ValidationError(str(refusal)) from None
        if not self.has_zone and name != "UTC":
            raise ValidationError("The figures of this page are by days of UTC, and not of any other zone.")
        return zone

    def clean(self) -> dict[str, Any]:
        """A range of 1 to 400 days that has begun."""
        given = super().clean() or {}
        since, until = given.get("since"), given.get("until")
        if since is None or until is None:
            return given
        if since > until:
            raise ValidationError("The end lies before the beginning.")
        if (until - since).days >= MOST_DAYS:
            raise ValidationError(
                f"That are {(until - since).days + 1:,} days. Choose at most {MOST_DAYS}, "
                "and look at longer times in parts."
            )
        if since < EARLIEST:
            raise ValidationError(f"There are no figures from before {day_words(EARLIEST)}.")
        # A day begins up to 14 hours earlier in the east than in UTC.
        if until > self.today + DAY:
            raise ValidationError(f"The end lies in the future. Today is {day_words(self.today)}.")
        return given

    @property
    def chosen(self) -> DateRange:
        """The range asked for. Only of a valid form."""
        given = self.cleaned_data
        return DateRange(given["since"], given["until"], given["zone"])

    @property
    def previous(self) -> DateRange | None:
        """The range to compare with; None where nobody wants to."""
        return self.chosen.previous if self.cleaned_data["compare"] else None

    @property
    def refusals(self) -> list[str]:
        """What is wrong with what was asked for, as sentences; of hidden fields too."""
        hidden = [error for field in self.hidden_fields() for error in field.errors]
        return [*(str(error) for error in self.non_field_errors()), *(str(error) for error in hidden)]

    @property
    def query(self) -> dict[str, str]:
        """Everything asked for, as it stands in an address."""
        return {name: str(value) for name, value in self.data.items() if name in self.fields and value}

    @property
    def presets(self) -> list[Preset]:
        """Links to ranges on offer that keep whatever else was asked for."""
        others = {name: value for name, value in self.query.items() if name not in {"since", "until"}}
        asked = (self.query.get("since"), self.query.get("until"))
        return [
            Preset(
                words,
                since,
                until,
                urlencode({**others, "since": since, "until": until}),
                asked == (f"{since}", f"{until}"),
            )
            for words, since, until in spans(self.today)
        ]
