"""The curve of viewers as a picture: SVG made on the server, without scripts and without anything from elsewhere."""

from xml.etree import ElementTree

import pygal
from django.utils.safestring import SafeString, mark_safe
from pygal.style import Style

from streams.broadcast_selectors import Curve

WIDTH, HEIGHT = 900, 260
LABELS = 6
LABEL_WIDTH = 120
"""Room for an instant; a label stands in the middle of its place, and half of the last one beyond the end."""

SVG = "http://www.w3.org/2000/svg"
STYLE = Style(
    background="transparent",
    plot_background="transparent",
    foreground="#767676",
    foreground_strong="#767676",
    foreground_subtle="#767676",
    colors=("#2f6f9f", "#2f6f9f"),
    guide_stroke_color="#cbd5e1",
    major_guide_stroke_color="#cbd5e1",
    font_family="sans-serif",
)


def curve_svg(curve: Curve, title: str) -> SafeString:
    """The curve as inline SVG; what nobody measured is a gap, a single measured point is a dot."""
    chart = pygal.Line(
        style=STYLE,
        width=WIDTH,
        height=HEIGHT,
        js=(),
        disable_xml_declaration=True,
        show_legend=False,
        show_dots=False,
        allow_interruptions=True,
        show_minor_x_labels=False,
        y_labels_major_count=4,
        show_minor_y_labels=False,
        truncate_label=20,
        margin_right=LABEL_WIDTH // 2,
        range=(0, max(curve.peak, 1)),
        value_formatter=lambda value: f"{value:.0f}",
    )
    chart.x_labels = [f"{at:%Y-%m-%d %H:%M}" for at, _ in curve.points]
    chart.x_labels_major = chart.x_labels[:: max(1, len(curve.points) // LABELS)]
    counts = [viewers for _, viewers in curve.points]
    chart.add("Viewers", counts)
    chart.add("Viewers", _alone(counts), stroke=False, show_dots=True, dots_size=2)
    return _bare(chart.render(is_unicode=True), title)


def _alone(counts: list[int | None]) -> list[int | None]:
    """The points between two gaps, which a line does not show."""
    around = [None, *counts, None]
    return [
        count if around[place] is None and around[place + 2] is None else None
        for place, count in enumerate(counts)
    ]


def _bare(svg: str, title: str) -> SafeString:
    """The picture without the scripts that pygal adds, and with a name for those who do not see it."""
    ElementTree.register_namespace("", SVG)
    # Not untrusted: pygal serialised it a moment ago.
    root = ElementTree.fromstring(svg)  # noqa: S314
    for parent in list(root.iter()):
        for child in list(parent):
            if child.tag == f"{{{SVG}}}script":
                parent.remove(child)
    root.set("role", "img")
    root.set("aria-label", title)
    return mark_safe(ElementTree.tostring(root, encoding="unicode"))  # noqa: S308  (serialised from a tree)
