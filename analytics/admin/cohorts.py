"""Who comes back: the heat map of cohorts."""

from typing import Any

from django import forms
from django.core.exceptions import ValidationError

from analytics.admin.insights import Asked, Insight, InsightPage
from analytics.admin.parts import HeatMap, Number, Table, Tile, share
from analytics.admin.ranges import RangeForm, day_words
from analytics.audience_choices import SEGMENTS, CohortKind, CohortSegment, CohortStep
from analytics.audience_policies import AUDIENCE_READERS
from analytics.selectors.cohorts import Cohort, CohortGrid, cohort_grid
from core.db.clock import database_now

COLUMNS = 53
"""Ages that the map shows; the table below has all."""

WORDS = {
    CohortKind.VIEWERS: "A viewer begins with the first day here, and is there in a later period with any day here.",
    CohortKind.SUBSCRIPTIONS: (
        "A subscription begins when it is first in force, and is there in a later period when it is in force at its "
        "first instant."
    ),
}


class CohortForm(RangeForm):
    """Which cohorts, of whom, by week or month."""

    kind = forms.ChoiceField(label="Of", choices=CohortKind.choices)
    step = forms.ChoiceField(label="By", choices=CohortStep.choices)
    segment = forms.ChoiceField(label="Which", choices=CohortSegment.choices)

    def __init__(self, asked: Any, **options: Any) -> None:
        given = asked.dict() if hasattr(asked, "dict") else dict(asked)
        given.setdefault("kind", CohortKind.VIEWERS.value)
        given.setdefault("step", CohortStep.WEEK.value)
        given.setdefault("segment", CohortSegment.ALL.value)
        super().__init__(given, **options)
        # A cohort is compared with the others in the grid.
        self.fields["compare"].widget = forms.HiddenInput()

    def clean(self) -> dict[str, Any]:
        """A segment that the kind has."""
        given = super().clean()
        kind, segment = given.get("kind"), given.get("segment")
        if kind and segment and CohortSegment(segment) not in SEGMENTS[CohortKind(kind)]:
            raise ValidationError(f"{CohortKind(kind).label} have no such segment: choose All.")
        return given


class Cohorts(InsightPage):
    """The grid of cohorts as a heat map, a table and a file."""

    name, address, title = "insight_cohorts", "insights/cohorts/", "Who comes back"
    roles = AUDIENCE_READERS
    form_class = CohortForm
    default_days = 182
    lead = (
        "Of those who began in a week or month, which part was there later. Weeks begin on Monday; weeks and months "
        "are those of UTC. Periods that are not over are left out; the erased stay as a number."
    )

    def read(self, asked: Asked) -> Insight:
        """The grid of the cohorts that began in the range."""
        given = asked.form.cleaned_data if asked.form is not None else {}
        grid = cohort_grid(
            kind=CohortKind(given["kind"]),
            step=CohortStep(given["step"]),
            segment=CohortSegment(given["segment"]),
            since=asked.range.since,
            until=asked.range.until,
            now=database_now(),
        )
        sized = [cohort for cohort in grid.cohorts if cohort.size is not None]
        return Insight(
            tiles=[
                Tile("Began", sum(cohort.size or 0 for cohort in sized)),
                Tile("There one period later", _after(sized, 1), show=share),
                Tile("There four periods later", _after(sized, 4), show=share),
            ],
            parts=[_map(grid, sized), _table(grid)],
            notes=[WORDS[grid.kind]],
        )


def _after(cohorts: list[Cohort], age: int) -> Number | None:
    """The part of all cohorts that have reached an age, the larger ones counting more."""
    reached = [cohort for cohort in cohorts if age in cohort.there and cohort.size]
    began = sum(cohort.size or 0 for cohort in reached)
    return sum(cohort.there[age] for cohort in reached) / began if began else None


def _map(grid: CohortGrid, cohorts: list[Cohort]) -> HeatMap:
    ages = [age for age in grid.ages if age < COLUMNS]
    unit = "week" if grid.step is CohortStep.WEEK else "month"
    return HeatMap(
        code="cohorts",
        title=f"{grid.kind.label} there by {unit}",
        label=f"Began in the {unit} of",
        rows_named=[day_words(cohort.start) for cohort in cohorts],
        columns=[str(age) for age in ages],
        cells=[[cohort.share(age) for age in ages] for cohort in cohorts],
        column_label=f"{unit.capitalize()}s since",
        description=_told(grid, cohorts, unit),
        show=share,
        most=1,
        leading=[("Began", [cohort.size for cohort in cohorts])],
        empty="No cohort of these days is counted yet.",
    )


def _told(grid: CohortGrid, cohorts: list[Cohort], unit: str) -> str:
    if not cohorts:
        return ""
    after = _after(cohorts, 1)
    return (
        f"{len(cohorts)} cohorts of {grid.kind.label.lower()}, from {day_words(cohorts[0].start)} to "
        f"{day_words(cohorts[-1].start)}; a row for each, a column for each {unit} since. "
        f"One {unit} later {share(after)} of them were there."
    )


def _table(grid: CohortGrid) -> Table:
    """Every counted cell in numbers: what the file has."""
    return Table(
        code="cells",
        title="Numbers of every cell",
        header=["Began in the period of", "Periods since", "There", "Of them erased since"],
        lines=[
            (f"{cohort.start}", age, cohort.there[age], cohort.erased[age])
            for cohort in grid.cohorts
            for age in sorted(cohort.there)
        ],
        empty="No cohort of these days is counted yet.",
    )


Cohorts.register()
