"""Charts as SVG made on the server: without scripts, and without anything from elsewhere."""

from typing import Any
from xml.etree import ElementTree

from django.utils.safestring import SafeString, mark_safe
from pygal.style import Style

SVG = "http://www.w3.org/2000/svg"

BLUE, OCHRE = "#2f6f9f", "#b8761a"
"""Both reach 3:1 on light and on dark paper, and differ in lightness too."""


def style(*colours: str) -> Style:
    """The look of every chart; `colours` are those of its series, in order."""
    return Style(
        background="transparent",
        plot_background="transparent",
        foreground="#767676",
        foreground_strong="#767676",
        foreground_subtle="#767676",
        colors=colours,
        guide_stroke_color="#cbd5e1",
        major_guide_stroke_color="#cbd5e1",
        font_family="sans-serif",
    )


def picture(chart: Any, title: str) -> SafeString:
    """The chart of pygal without the scripts that it adds, and with a name for those who do not see it."""
    ElementTree.register_namespace("", SVG)
    # Not untrusted: pygal serialised it a moment ago.
    root = ElementTree.fromstring(chart.render(is_unicode=True))  # noqa: S314
    for parent in list(root.iter()):
        for child in list(parent):
            if child.tag == f"{{{SVG}}}script":
                parent.remove(child)
    root.set("role", "img")
    root.set("aria-label", title)
    return mark_safe(ElementTree.tostring(root, encoding="unicode"))  # noqa: S308  (serialised from a tree)
