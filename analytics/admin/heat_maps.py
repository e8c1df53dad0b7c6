"""Heat maps as inline SVG: one colour of the style sheet in shades, with the number in every cell."""

from typing import Any
from xml.etree import ElementTree

from django.utils.safestring import SafeString

from analytics.admin.parts import HeatMap, Number
from analytics.admin.pictures import named
from core.admin.charts import SVG

NAME_WIDTH, CELL_WIDTH, CELL_HEIGHT, HEAD = 120, 56, 26, 40
FAINTEST, STRONGEST = 0.06, 0.76
"""Opacity of the colour where there is nothing and most: numbers in ink stay readable on both (4.5:1)."""


def _element(parent: Any, tag: str, text: str = "", **attributes: object) -> Any:
    element = ElementTree.SubElement(
        parent,
        f"{{{SVG}}}{tag}",
        {name.rstrip("_").replace("_", "-"): str(value) for name, value in attributes.items()},
    )
    element.text = text or None
    return element


def heat_map_svg(heat_map: HeatMap) -> SafeString:
    """The map: the stronger the colour, the closer to the most; a cell without a number is left out."""
    known = [value for row in heat_map.cells for value in row if value is not None]
    most = heat_map.most if heat_map.most is not None else max(known, default=0)
    width = NAME_WIDTH + CELL_WIDTH * len(heat_map.columns)
    height = HEAD + CELL_HEIGHT * len(heat_map.rows_named)
    root = ElementTree.Element(
        f"{{{SVG}}}svg",
        {"class": "heat-map", "viewBox": f"0 0 {width} {height}", "width": str(width), "height": str(height)},
    )
    _element(root, "text", heat_map.column_label, x=NAME_WIDTH, y=14, class_="axis-name")
    for place, column in enumerate(heat_map.columns):
        _element(
            root, "text", column, x=NAME_WIDTH + CELL_WIDTH * (place + 0.5), y=HEAD - 8, text_anchor="middle"
        )
    for line, (name, cells) in enumerate(zip(heat_map.rows_named, heat_map.cells, strict=True)):
        top = HEAD + CELL_HEIGHT * line
        _element(root, "text", name, x=NAME_WIDTH - 8, y=top + CELL_HEIGHT * 0.68, text_anchor="end")
        for place, value in enumerate(cells):
            if value is not None:
                _cell(root, heat_map, (name, place, top), value, _shade(value, most))
    return named(root, heat_map.code, heat_map.title, heat_map.told)


def _shade(value: Number, most: Number) -> float:
    return min(1.0, max(0.0, float(value) / float(most))) if most else 0.0


def _cell(root: Any, heat_map: HeatMap, at: tuple[str, int, int], value: Number, shade: float) -> None:
    name, place, top = at
    left = NAME_WIDTH + CELL_WIDTH * place
    shown = heat_map.show(value)
    group = _element(root, "g", class_="cell")
    _element(group, "title", f"{name}, {heat_map.columns[place]}: {shown}")
    _element(
        group,
        "rect",
        x=left + 1,
        y=top + 1,
        width=CELL_WIDTH - 2,
        height=CELL_HEIGHT - 2,
        rx=2,
        fill_opacity=f"{FAINTEST + (STRONGEST - FAINTEST) * shade:.3f}",
    )
    _element(group, "text", shown, x=left + CELL_WIDTH / 2, y=top + CELL_HEIGHT * 0.68, text_anchor="middle")
