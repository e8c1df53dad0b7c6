"""Pages of insight for tests: one with every kind of part, one about a person."""

from typing import Any
from uuid import UUID

from django.urls import path

from accounts.models import User
from analytics.admin.insights import Asked, Insight, InsightPage
from analytics.admin.parts import Figure, HeatMap, Series, Shape, Table, Tile, share
from core.admin.site import backoffice
from core.db.locking import NotThere
from core.db.roles import Role
from core.errors import Refused


class EveryKind(InsightPage):
    """Line, bars, stacked bars, heat map and table, from numbers that follow from the days."""

    name, address, title = "insight_every_kind", "insights/every-kind/", "Every kind"
    roles = (Role.ANALYST, Role.AUDITOR)
    export_roles = (Role.ANALYST,)
    in_navigation = False
    has_zone = True
    default_days = 7

    def read(self, asked: Asked) -> Insight:
        if asked.range.days == 13:
            raise Refused("Thirteen days are bad luck.")
        days = [f"{day}" for day in asked.range]
        count = len(days)
        values: list[Any] = [place * 10 for place in range(count)]
        if count > 2:
            values[1] = None
        series = [Series("Viewers", values)]
        extra: list[tuple[str, list[str]]] = []
        if asked.previous:
            series.append(Series("Days before", [place * 9 for place in range(count)], is_before=True))
            extra.append(("Compared with", [f"{day}" for day in asked.previous]))
        both = [Series("Free", [3] * count), Series("Paid", [5] * count)]
        return Insight(
            notes=["Made up."],
            tiles=[
                Tile("Viewers", 4210, before=3980 if asked.previous else None),
                Tile("Part that stayed", 0.25, show=share),
            ],
            parts=[
                Figure("line", "Viewers <b>a day</b>", "Day", days, series, unit="viewers", extra=extra),
                Figure("bars", "Side by side", "Day", days, both, shape=Shape.BAR),
                Figure("stacked", "On one another", "Day", days, both, shape=Shape.STACKED),
                HeatMap(
                    "heat",
                    "Who came back",
                    "Week",
                    ["2026-W01", "2026-W02"],
                    ["0", "1", "2"],
                    [[1.0, 0.5, 0.25], [1.0, 0.4, None]],
                    column_label="Age in weeks",
                    show=share,
                    most=1,
                    leading=[("People", [120, 90])],
                ),
                Table(
                    "top",
                    "The most",
                    ["Title", "Viewers"],
                    [['=HYPERLINK("http://example.com")', 12], ["-12", 3]],
                    urls=["/streams/stream/"],
                ),
                Figure("none", "Nothing", "Day", days, [Series("Viewers", [None] * count)]),
            ],
        )


class AboutSomebody(InsightPage):
    """A page about a person, whole, without a range."""

    name, address, title = "insight_about", "insights/about/<uuid:person_id>/", "About somebody"
    roles = (Role.AUDITOR,)
    ranged = False

    def find(self, person_id: UUID) -> User:  # type: ignore[override]
        person = User.objects.filter(pk=person_id).first()
        if person is None:
            raise NotThere("There is no such person, or your role may not see it.")
        return person

    def title_of(self, subject: User) -> str:
        return f"About {subject}"

    def read(self, asked: Asked) -> Insight:
        return Insight(parts=[Table("long", "Long", ["Number"], [[number] for number in range(10_001)])])


EveryKind.register()
AboutSomebody.register()
urlpatterns = [path("", backoffice.urls)]
