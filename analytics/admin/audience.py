"""Who watches: breakdowns of the platform's audience, and of a performer's."""

from uuid import UUID

from analytics.admin.insights import Asked, Insight, InsightPage
from analytics.admin.of_performer import OfPerformer
from analytics.admin.parts import Figure, Part, Series, Shape, Table, Tile
from analytics.audience_choices import AudienceDimension
from analytics.audience_policies import AUDIENCE_READERS
from analytics.selectors.audience import Breakdown, audience_breakdowns, audience_cells
from core.admin.site import backoffice
from performers.models import PerformerProfile

MOST_BARS = 20
"""Values that a figure shows; the table of all cells has the rest."""

WITHHELD = "withheld"
LEAD = (
    "People by country, language, device and age band, on an average day. A breakdown in which anybody could be found, "
    "with a number under ten, is withheld whole, and so is one that would give another away by subtraction. Days are "
    "those of UTC, published when they are final, after two days; nobody is followed from one day to the next."
)


class Audience(InsightPage):
    """The platform's audience."""

    name, address, title = "insight_audience", "insights/audience/", "Audience"
    roles = AUDIENCE_READERS
    lead = LEAD

    def performer_of(self, asked: Asked) -> UUID | None:
        """Whose audience; None: that of the platform."""
        return None

    def read(self, asked: Asked) -> Insight:
        """Every breakdown of the range, the range before beside it, and all cells of it."""
        performer = self.performer_of(asked)
        now = audience_breakdowns(since=asked.range.since, until=asked.range.until, performer_id=performer)
        before = (
            audience_breakdowns(
                since=asked.previous.since, until=asked.previous.until, performer_id=performer
            )
            if asked.previous is not None
            else None
        )
        cells = audience_cells(since=asked.range.since, until=asked.range.until, performer_id=performer)
        parts: list[Part] = [
            _figure(breakdown, before[place] if before else None) for place, breakdown in enumerate(now)
        ]
        lines = [
            (f"{cell.day}", cell.dimension.label, cell.value or WITHHELD, cell.people)
            if cell.people is not None
            else (f"{cell.day}", cell.dimension.label, WITHHELD, None)
            for cell in cells
        ]
        return Insight(
            tiles=[
                _tile(breakdown, before[place] if before else None) for place, breakdown in enumerate(now)
            ],
            parts=[
                *parts,
                Table(
                    code="cells",
                    title="Every day",
                    header=["Day (UTC)", "Breakdown", "Value", "People"],
                    lines=lines,
                    words="Ten people at least in every cell, in the file too.",
                    empty="Nothing of these days is final yet.",
                ),
            ],
        )


class AudienceOfPerformer(OfPerformer, Audience):
    """The audience of one performer."""

    name, address, title = (
        "insight_audience_of",
        "insights/audience/<uuid:performer_id>/",
        "Audience of a performer",
    )
    about = "Audience"

    def performer_of(self, asked: Asked) -> UUID | None:
        """The performer of the address."""
        return UUID(str(asked.subject.pk))


def _tile(breakdown: Breakdown, before: Breakdown | None) -> Tile:
    words = f"Days published by {breakdown.dimension.label.lower()}"
    note = f"{breakdown.withheld} withheld" if breakdown.withheld else ""
    return Tile(words, breakdown.published, before=before.published if before else None, note=note)


def _figure(breakdown: Breakdown, before: Breakdown | None) -> Figure:
    values = breakdown.values[:MOST_BARS]
    name = breakdown.dimension.label
    series = [Series("People a day", [breakdown.a_day(value) for value in values])]
    if before is not None:
        known: list[float | None] = [before.a_day(value) if before.published else None for value in values]
        series.append(Series("In the days before", known, is_before=True))
    shown = f"published on {breakdown.published} days, withheld on {breakdown.withheld}"
    return Figure(
        code=str(breakdown.dimension),
        title=f"Audience by {name.lower()}",
        label=name,
        labels=[_named(breakdown.dimension, value) for value in values],
        series=series,
        shape=Shape.BAR,
        unit="People a day",
        words=f"Average of the days on which it is {shown}.",
        empty=f"No day has a breakdown that names nobody ({shown})."
        if breakdown.withheld
        else "Nothing of these days is final yet.",
    )


def _named(dimension: AudienceDimension, value: str) -> str:
    """The value as people read it: codes of countries and languages stand as they are."""
    return (
        value.replace("_", " ")
        if dimension in (AudienceDimension.DEVICE, AudienceDimension.AGE_BAND)
        else value
    )


Audience.register()
AudienceOfPerformer.register()
backoffice.add_object_link(PerformerProfile, AudienceOfPerformer.link("Audience"))
