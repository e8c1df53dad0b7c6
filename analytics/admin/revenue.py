"""What the platform takes in: sales, what was given back, where it went, and whether the ledger says the same."""

import datetime as dt
from collections.abc import Mapping
from decimal import Decimal
from functools import partial
from typing import Any

from django import forms
from django.urls import reverse

from analytics.admin.insights import Asked, Insight, InsightPage
from analytics.admin.parts import MISSING, Figure, Number, Part, Series, Shape, Table, Tile
from analytics.admin.ranges import DateRange, RangeForm
from analytics.errors import RevenueRefused
from analytics.models.revenue import REVENUE_STAFF
from analytics.revenue_choices import PROVEN, RevenueKind, RevenueMeasure
from analytics.selectors.revenue import (
    NOTHING,
    RevenueProof,
    Sums,
    revenue_by_country,
    revenue_by_day,
    revenue_by_kind,
    revenue_by_performer,
    revenue_by_unit,
    revenue_proof,
)
from billing.chart import TOKEN
from billing.errors import MoneyRefused
from billing.money import exponent_of, money_figure, money_plain
from core.admin.sections import Section
from core.db.roles import Role

M = RevenueMeasure
NAMED = {Role.FINANCE, Role.FINANCE_APPROVER, Role.AUDITOR, Role.ADMINISTRATOR}
"""Who sees who brought it in. Analysts see the platform."""

SHOWN = (
    M.GROSS,
    M.REFUNDS,
    M.DISPUTES,
    M.ADJUSTMENTS,
    M.TAX,
    M.DEFERRED,
    M.TOKEN_REVENUE,
    M.PERFORMER_SHARE,
    M.STUDIO_SHARE,
    M.PLATFORM_SHARE,
    M.WAITING,
    M.LOSSES,
    M.PROVIDER_FEES,
    M.DISPUTE_FEES,
)
WENT_TO = (M.TAX, M.PERFORMER_SHARE, M.STUDIO_SHARE, M.PLATFORM_SHARE, M.TOKEN_REVENUE)
COLUMNS = tuple(str(measure.label) for measure in SHOWN)


class RevenueForm(RangeForm):
    """The days, and in which unit; there is no sum over units."""

    unit = forms.RegexField(
        "^[A-Z]{3,5}$",
        label="Unit",
        required=False,
        help_text=f"A currency, such as EUR, or {TOKEN}. Empty: the currency with the most sales.",
        error_messages={"invalid": f"Write a currency as EUR, or {TOKEN}."},
    )


def _major(amount: int, unit: str) -> Decimal:
    """An amount as it is drawn and saved: in the unit and not in minor units, exactly."""
    return Decimal(amount).scaleb(-exponent_of(unit))


def _shown(unit: str, value: Number | None) -> str:
    if value is None:
        return MISSING
    # Marks of an axis come as floats.
    return money_figure(int(Decimal(str(value)).scaleb(exponent_of(unit)).to_integral_value()), unit)


def _cells(sums: Sums, unit: str) -> list[str]:
    return [money_plain(sums[measure], unit) for measure in SHOWN]


class PlatformRevenue(InsightPage):
    """Revenue of the platform by day, kind and country."""

    name, address, title = "insight_revenue", "insights/revenue/", "Revenue"
    roles = REVENUE_STAFF
    section = Section.FINANCE
    form_class = RevenueForm
    lead = (
        "What was sold, given back and shared out, by the days (UTC) on which the ledger counts it. Every figure is a "
        "sum of postings and is compared with the ledger each night."
    )

    def read(self, asked: Asked) -> Insight:
        """The figures of one unit. Raises RevenueRefused for a unit that is none."""
        days, before = asked.range, asked.previous
        units = revenue_by_unit(since=days.since, until=days.until)
        unit = asked.form.cleaned_data.get("unit") or _most(units) if asked.form else _most(units)
        _known(unit)
        now = units.get(unit, NOTHING)
        then = revenue_by_unit(since=before.since, until=before.until).get(unit, NOTHING) if before else None
        proof = revenue_proof(since=days.since, until=days.until)
        return Insight(
            notes=_notes(proof),
            tiles=_tiles(unit, now, then),
            parts=[*_figures(unit, days, before), *_tables(unit, days, units, asked.role), _proof(proof)],
            links=[("Trial balance", reverse("admin:ledger_trial_balance"))]
            if asked.role != Role.ANALYST
            else [],
        )


def _known(unit: str) -> None:
    try:
        exponent_of(unit)
    except MoneyRefused as refusal:
        raise RevenueRefused(str(refusal)) from refusal


def _most(units: Mapping[str, Sums]) -> str:
    """The currency in which most was sold, counted in its units; tokens where there is no other."""
    money = [unit for unit in units if unit != TOKEN]
    if not money:
        return TOKEN if TOKEN in units else "EUR"
    return max(money, key=lambda unit: (_major(units[unit][M.GROSS], unit), unit))


def _tiles(unit: str, now: Sums, then: Sums | None) -> list[Tile]:
    show = partial(_shown, unit)

    def tile(words: str, value: int, before: int | None, note: str = "") -> Tile:
        earlier = None if before is None else _major(before, unit)
        return Tile(f"{words}, {unit}", _major(value, unit), earlier, show, note)

    told = {
        M.GROSS: "Tax included." if unit != TOKEN else "Tokens spent.",
        M.DEFERRED: "Paid for tokens and not spent yet: how it changed.",
        M.TOKEN_REVENUE: "What the tokens cost that were spent or expired.",
    }
    tiles = [
        tile("Sales", now[M.GROSS], then[M.GROSS] if then else None, told[M.GROSS]),
        tile("Net of refunds and disputes", now.net, then.net if then else None),
    ]
    tiles += [
        tile(str(measure.label), now[measure], then[measure] if then else None, told.get(measure, ""))
        for measure in SHOWN[1:]
        if now[measure] or (then and then[measure])
    ]
    return tiles


def _figures(unit: str, days: DateRange, before: DateRange | None) -> list[Part]:
    found = revenue_by_day(since=days.since, until=days.until, currency=unit)
    earlier = (
        revenue_by_day(since=before.since, until=before.until, currency=unit) if before is not None else {}
    )
    labels = [f"{day}" for day in days]

    def values(measure: RevenueMeasure, of: Mapping[dt.date, Sums], dates: DateRange) -> list[Decimal]:
        return [_major(of.get(day, NOTHING)[measure], unit) for day in dates]

    sales = [
        Series("Sales", values(M.GROSS, found, days)),
        Series("Refunds", values(M.REFUNDS, found, days)),
    ]
    extra: list[tuple[str, list[str]]] = []
    if before is not None:
        sales.append(Series("Sales before", values(M.GROSS, earlier, before), is_before=True))
        extra = [("Day before", [f"{day}" for day in before])]
    rest: dict[str, Any] = {"unit": unit, "show": partial(_shown, unit)}
    shared = [
        Series(str(measure.label), values(measure, found, days))
        for measure in WENT_TO
        if any(found[day][measure] for day in found)
    ]
    return [
        Figure("sales", "Sales day by day", "Day (UTC)", labels, sales, extra=extra, **rest),
        Figure(
            "shares",
            "Where it went",
            "Day (UTC)",
            labels,
            shared or [Series("Shares", [None] * len(labels))],
            shape=Shape.STACKED,
            words="Tax, shares, and the cost of tokens spent, on the day on which each counts.",
            **rest,
        ),
    ]


def _tables(unit: str, days: DateRange, units: Mapping[str, Sums], role: Role) -> list[Part]:
    asked: dict[str, Any] = {"since": days.since, "until": days.until, "currency": unit}
    kinds, countries = revenue_by_kind(**asked), revenue_by_country(**asked)
    parts: list[Part] = [
        Table(
            "kinds",
            f"By what was sold, {unit}",
            ("What", *COLUMNS),
            [(str(RevenueKind(kind).label), *_cells(sums, unit)) for kind, sums in kinds.items()],
        ),
        Table(
            "countries",
            f"By country of the order, {unit}",
            ("Country", *COLUMNS),
            [(country, *_cells(sums, unit)) for country, sums in countries.items()],
            words="Spends of tokens have no country.",
        ),
    ]
    if role in NAMED:
        performers = revenue_by_performer(**asked)
        parts.append(
            Table(
                "performers",
                f"Performers with most sales, {unit}",
                ("Performer", "Id", *COLUMNS),
                [(name or "Erased", str(key), *_cells(sums, unit)) for key, name, sums in performers],
                urls=[
                    reverse("admin:performers_performerprofile_change", args=[key])
                    for key, _, _ in performers
                ],
            )
        )
    parts.append(
        Table(
            "units",
            "All units",
            ("Unit", *COLUMNS),
            [(code, *_cells(sums, code)) for code, sums in units.items()],
            words="Each in its own unit; nothing is converted.",
        )
    )
    return parts


def _notes(proof: RevenueProof) -> list[str]:
    if not proof.days:
        return ["No day of this range was computed yet."]
    notes = []
    if proof.computed_at is not None:
        notes.append(f"Computed up to {proof.computed_at:%d %b %Y %H:%M} UTC.")
    if proof.differences:
        notes.append(
            "The figures are NOT those of the ledger: see the proof below, and have the days computed anew "
            "(manage.py rollup_rebuild revenue_day)."
        )
    elif proof.unproven == proof.days:
        notes.append("None of these days was compared with the ledger yet.")
    elif proof.unproven:
        notes.append(
            f"{proof.days - proof.unproven} of {proof.days} days agree with the ledger; the others were computed since "
            "they were last compared."
        )
    else:
        notes.append(f"All {proof.days} days agree with the ledger to the minor unit.")
    return notes


def _proof(proof: RevenueProof) -> Table:
    """Where figures and ledger differ, as of the last proof."""
    words = {**{measure.value: str(measure.label) for measure in M}, PROVEN[-1]: "Postings of no known class"}
    return Table(
        "proof",
        "Figures beside the ledger",
        ("Day", "Unit", "What", "Figures", "Ledger", "Difference"),
        [
            (
                f"{row.day}",
                row.currency_id,
                words[row.measure],
                money_plain(row.figures, row.currency_id),
                money_plain(row.ledger, row.currency_id),
                money_plain(row.difference, row.currency_id),
            )
            for row in proof.differences
        ],
        words="Days on which a sum of figures is not the sum of the postings, as last compared (revenue_reconcile).",
        empty="No difference.",
    )


PlatformRevenue.register()
