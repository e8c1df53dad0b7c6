"""Charts of moderation."""

from datetime import date

import pygal
from django.utils.safestring import SafeString

from core.admin.charts import BLUE, OCHRE, picture, style

WIDTH, HEIGHT = 900, 260


def days_svg(days: list[tuple[date, int, int]], title: str) -> SafeString:
    """Bars of each day: cases opened beside cases decided."""
    chart = pygal.Bar(
        style=style(BLUE, OCHRE),
        width=WIDTH,
        height=HEIGHT,
        js=(),
        disable_xml_declaration=True,
        legend_at_bottom=True,
        y_labels_major_count=4,
        show_minor_y_labels=False,
        range=(0, max(1, *(max(opened, decided) for _, opened, decided in days))),
        value_formatter=lambda value: f"{value:.0f}",
        x_label_rotation=45 if len(days) > 10 else 0,
    )
    chart.x_labels = [f"{day:%d %b}" for day, _, _ in days]
    chart.add("Opened", [opened for _, opened, _ in days])
    chart.add("Decided", [decided for _, _, decided in days])
    return picture(chart, title)
