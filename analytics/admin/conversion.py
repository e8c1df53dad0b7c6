"""From sign-up to purchase: the funnel of those who signed up in a range of weeks."""

from typing import Any

from django import forms

from accounts.choices import SignUpSource
from analytics.admin.insights import Asked, Insight, InsightPage
from analytics.admin.parts import Figure, Part, Series, Shape, Table, Tile, share
from analytics.admin.ranges import RangeForm, day_words
from analytics.audience_choices import ConversionWindow
from analytics.audience_policies import AUDIENCE_READERS
from analytics.selectors.conversion import STAGES, Funnel, conversion_funnels

WORDS = {
    "signed_up": "Signed up",
    "here": "Was here",
    "bought": "Bought",
    "bought_again": "Bought again",
}
EMPTY = "No week of these days is counted yet."


class ConversionForm(RangeForm):
    """Within how many days, and of which accounts."""

    window = forms.TypedChoiceField(label="Counted", choices=ConversionWindow.choices, coerce=int)
    source = forms.ChoiceField(label="Accounts", choices=[("", "All"), *SignUpSource.choices], required=False)

    def completed(self, given: dict[str, Any], days: int) -> dict[str, Any]:
        """The shorter window where none was asked for: it is counted three weeks earlier."""
        return super().completed({"window": f"{ConversionWindow.WEEK.value}", **given}, days)


class Conversion(InsightPage):
    """The funnel of a range of weeks, and of each week."""

    name, address, title = "insight_conversion", "insights/conversion/", "From sign-up to purchase"
    roles = AUDIENCE_READERS
    form_class = ConversionForm
    default_days = 182
    lead = (
        "Of those who signed up in these weeks, how many were here (watched, wrote or gave), paid an order, and paid a "
        "second one, each within so many days of the sign-up. Every number is of those counted by the one before. "
        "Weeks begin on Monday, days are those of UTC; a week is counted two days after its people had all their days."
    )

    def read(self, asked: Asked) -> Insight:
        """The funnel of the range beside that of the range before, and every week of it."""
        given = asked.form.cleaned_data if asked.form is not None else {}
        window = ConversionWindow(given["window"])
        source = SignUpSource(given["source"]) if given["source"] else None
        weeks = conversion_funnels(
            window=window, since=asked.range.since, until=asked.range.until, source=source
        )
        before = None
        if asked.previous is not None:
            # A week that shares days with both ranges is of the later one.
            earlier = conversion_funnels(
                window=window, since=asked.previous.since, until=asked.previous.until, source=source
            )
            before = Funnel.total(funnel for funnel in earlier if funnel not in weeks)
        now = Funnel.total(weeks)
        return Insight(
            tiles=[
                Tile("Signed up", now.signed_up, before=before.signed_up if before else None),
                *(
                    Tile(
                        WORDS[stage],
                        now.share(stage),
                        before=before.share(stage) if before else None,
                        show=share,
                    )
                    for stage in STAGES[1:]
                ),
            ],
            parts=[_funnel(now, before, weeks), _weeks(weeks)],
        )


def _funnel(now: Funnel, before: Funnel | None, weeks: list[Funnel]) -> Part:
    known = bool(weeks)
    series = [Series("People", [getattr(now, stage) if known else None for stage in STAGES])]
    if before is not None and before.signed_up:
        series.append(
            Series("In the weeks before", [getattr(before, stage) for stage in STAGES], is_before=True)
        )
    told = ", ".join(
        f"{WORDS[stage].lower()} {getattr(now, stage):,} ({share(now.share(stage))})" for stage in STAGES[1:]
    )
    return Figure(
        code="funnel",
        title="How far they came",
        label="Step",
        labels=[WORDS[stage] for stage in STAGES],
        series=series,
        shape=Shape.BAR,
        unit="People",
        description=f"Of {now.signed_up:,} people who signed up: {told}." if known else "",
        extra=[("Of those who signed up", [share(now.share(stage)) for stage in STAGES])],
        empty=EMPTY,
    )


def _weeks(weeks: list[Funnel]) -> Part:
    return Table(
        code="weeks",
        title="Week by week",
        header=[
            "Signed up in the week of",
            *(WORDS[stage] for stage in STAGES),
            "Bought, of those who signed up",
        ],
        lines=[
            (
                day_words(funnel.week) if funnel.week else "",
                *(getattr(funnel, stage) for stage in STAGES),
                share(funnel.share("bought")),
            )
            for funnel in weeks
        ],
        empty=EMPTY,
    )


Conversion.register()
