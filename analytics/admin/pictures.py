"""Figures as inline SVG: named and described, in the colours of the style sheet, so that both themes have theirs."""

from collections.abc import Sequence
from typing import Any
from xml.etree import ElementTree

import pygal
from django.utils.safestring import SafeString, mark_safe
from pygal.style import Style

from analytics.admin.parts import Figure, Shape
from core.admin.charts import SVG, picture

WIDTH, HEIGHT = 900, 280
LABELS = 8
"""So many labels of the axis are written, whatever the range."""
MOST_DOTS = 40
"""A line of more points is drawn without dots; a point between two gaps always has one."""
COLOURS = 6


def _style() -> Style:
    return Style(
        background="transparent",
        plot_background="transparent",
        foreground="var(--quiet)",
        foreground_strong="var(--ink)",
        foreground_subtle="var(--quiet)",
        colors=tuple(f"var(--series-{place + 1})" for place in range(COLOURS)),
        # Else pygal looks for the lightness of a colour that only the style sheet knows.
        value_colors=("var(--ink)",) * COLOURS,
        guide_stroke_color="var(--line)",
        major_guide_stroke_color="var(--line)",
        stroke_width="2",
        stroke_opacity="1",
        opacity="1",
        label_font_size=12,
        major_label_font_size=12,
        legend_font_size=13,
        font_family="sans-serif",
    )


def named(root: Any, code: str, title: str, description: str) -> SafeString:
    """The tree as text, with role, title and description for those who do not see it."""
    root.attrib.pop("aria-label", None)
    root.set("role", "img")
    root.set("aria-labelledby", f"{code}-name")
    root.set("aria-describedby", f"{code}-told")
    for place, (tag, text, suffix) in enumerate((("title", title, "name"), ("desc", description, "told"))):
        element = ElementTree.Element(f"{{{SVG}}}{tag}", {"id": f"{code}-{suffix}"})
        element.text = text
        root.insert(place, element)
    ElementTree.register_namespace("", SVG)
    return mark_safe(ElementTree.tostring(root, encoding="unicode"))  # noqa: S308  (serialised from a tree)


def _pointed_at(root: Any) -> None:
    """Turn what pygal notes for its scripts into what browsers show when a point is pointed at."""
    for parent in list(root.iter()):
        notes = [child for child in parent if child.tag in {f"{{{SVG}}}desc", f"{{{SVG}}}title"}]
        texts = {note.get("class", ""): note.text or "" for note in notes}
        for note in notes:
            parent.remove(note)
        if texts.get("value"):
            shown = ElementTree.Element(f"{{{SVG}}}title")
            shown.text = ": ".join(text for text in (texts.get("x_label"), texts["value"]) if text)
            parent.insert(0, shown)


def figure_svg(figure: Figure) -> SafeString:
    """The figure, drawn by pygal; what nobody measured is a gap, the range before is dashed."""
    known = [value for series in figure.series for value in series.values if value is not None]
    if figure.shape is Shape.STACKED:
        columns = zip(*(series.values for series in figure.series), strict=True)
        known = [sum(value or 0 for value in column) for column in columns]
    least, most = min([*known, 0]), max([*known, 0])
    kind = {Shape.LINE: pygal.Line, Shape.BAR: pygal.Bar, Shape.STACKED: pygal.StackedBar}[figure.shape]
    chart = kind(
        style=_style(),
        width=WIDTH,
        height=HEIGHT,
        js=(),
        disable_xml_declaration=True,
        show_legend=len(figure.series) > 1,
        legend_at_bottom=True,
        legend_at_bottom_columns=min(len(figure.series), 3),
        truncate_legend=-1,
        truncate_label=24,
        allow_interruptions=True,
        show_minor_x_labels=False,
        y_labels_major_count=5,
        show_minor_y_labels=False,
        dots_size=2.5,
        y_title=figure.unit or None,
        range=(least, most or 1),
        margin_right=60,
        value_formatter=figure.show,
        max_scale=5,
    )
    has_dots = len(figure.labels) <= MOST_DOTS
    chart.x_labels = [str(label) for label in figure.labels]
    chart.x_labels_major = chart.x_labels[:: -(-len(figure.labels) // LABELS)]
    for series in figure.series:
        options: dict[str, Any] = {"show_dots": has_dots or _stands_alone(series.values)}
        if series.is_before:
            options["stroke_style"] = {"dasharray": "6, 4"}
        chart.add(series.name, list(series.values), **options)
    root = ElementTree.fromstring(str(picture(chart, figure.title)))  # noqa: S314  (drawn a moment ago)
    _pointed_at(root)
    return named(root, figure.code, figure.title, figure.told)


def _stands_alone(values: Sequence[object]) -> bool:
    """Whether a value stands between two gaps, where a line shows nothing."""
    around = [None, *values, None]
    return any(
        around[place] is None and value is not None and around[place + 2] is None
        for place, value in enumerate(values)
    )
