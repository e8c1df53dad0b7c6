"""The ERD: django-extensions' `graph_models` with the theme of the house, as DOT text and as SVG.

DOT texts are compared; an SVG is drawn from its DOT text when it was drawn from another one and `dot` of
Graphviz is installed. Each SVG names the digest of its text, so that a stale drawing shows without Graphviz.
"""

import hashlib
import io
import re
import shutil
import subprocess
from collections.abc import Iterable
from pathlib import Path

from django.apps import apps
from django.core.management import call_command
from django.db.models import Model

from core.checks import HOUSE_APPS
from core.documents.dictionary import TEST_APPS
from core.documents.markdown import GENERATED, blocks, table
from core.models.storage import subject_of

#: Colour of the heads of an app's tables.
STYLES = {
    "core": {"bg": "#475569"},
    "accounts": {"bg": "#1d4ed8"},
    "performers": {"bg": "#7c3aed"},
    "streams": {"bg": "#be185d"},
    "billing": {"bg": "#15803d"},
    "engagement": {"bg": "#b45309"},
    "analytics": {"bg": "#0e7490"},
    "audit": {"bg": "#991b1b"},
}

#: The tables to know first; never more than 25. What is not here yet arrives with its issue.
TABLES_THAT_MATTER = (
    "accounts.User",
    "accounts.UserContact",
    "accounts.RoleGrant",
    "accounts.Restriction",
    "accounts.ViewerProfile",
    "accounts.AgeAssurance",
    "performers.PerformerProfile",
    "performers.IdentityRecord",
    "performers.ScheduleOccurrence",
    "streams.Category",
    "streams.Stream",
    "streams.AccessRule",
    "streams.Recording",
    "streams.Archive",
    "billing.Product",
    "billing.Price",
    "billing.Order",
    "billing.Payment",
    "billing.TokenLot",
    "billing.TokenSpend",
    "billing.Earning",
    "billing.JournalEntry",
    "billing.Posting",
    "audit.Case",
    "audit.Event",
)
MOST_TABLES = 25
OVERVIEW, TABLES_25 = "overview", "tables_that_matter"
DRAWN_FROM = "<!-- drawn from DOT text with SHA-256 {} -->"


def drawn_models() -> list[type[Model]]:
    """The models of the house that a drawing may show: histories, views and tables of tests left out."""
    return [
        model
        for model in apps.get_models()
        if model._meta.app_label in HOUSE_APPS - TEST_APPS
        and model._meta.managed
        and not model._meta.proxy
        and not subject_of(model)
    ]


def _dot(models: Iterable[type[Model]], *, neighbours: bool, fields: bool, grouped: bool) -> str:
    """DOT text of the models; with `neighbours`, the tables they point at stand beside them by name."""
    shown = list(models)
    names = {model.__name__ for model in shown}
    if neighbours:
        names |= {
            target.__name__
            for model in shown
            for field in model._meta.concrete_fields
            if isinstance(target := field.related_model, type)
        }
    output = io.StringIO()
    call_command(
        "graph_models",
        *sorted({model._meta.app_label for model in shown}),
        stdout=output,
        dot=True,
        include_models=sorted(names),
        exclude_models=[],
        inheritance=False,
        theme="house",
        rankdir="LR",
        arrow_shape="crow",
        disable_fields=not fields,
        hide_edge_labels=True,
        group_models=grouped,
        sort_fields=False,
        **{"app-style": STYLES},
    )
    return re.sub(r"\n\s*\n+", "\n", output.getvalue()).strip() + "\n"


def drawings() -> dict[str, str]:
    """DOT text by name of the drawing: one per app that has tables, the overview, the tables that matter."""
    models = drawn_models()
    found = {OVERVIEW: _dot(models, neighbours=False, fields=False, grouped=True)}
    for label in sorted({model._meta.app_label for model in models}):
        own = [model for model in models if model._meta.app_label == label]
        found[label] = _dot(own, neighbours=True, fields=True, grouped=False)
    matter = [apps.get_model(label) for label in TABLES_THAT_MATTER]
    found[TABLES_25] = _dot(matter, neighbours=False, fields=True, grouped=False)
    return found


def erd_pages() -> dict[str, str]:
    """The DOT texts and their index, by path under `docs/`."""
    found = drawings()
    titles = {
        OVERVIEW: "Every table by name, grouped by app",
        TABLES_25: f"The tables that matter most ({len(TABLES_THAT_MATTER)} of at most {MOST_TABLES})",
    }
    rows = [
        (
            f"[{name}.svg]({name}.svg)",
            titles.get(name, f"Tables of {name} with columns"),
            f"[{name}.dot]({name}.dot)",
        )
        for name in sorted(found, key=lambda name: (name not in titles, name))
    ]
    index = blocks(
        GENERATED,
        "# Entity relationship diagrams",
        "Drawn by `manage.py write_docs` with `graph_models` of django-extensions and `dot` of Graphviz. "
        "The crow's foot stands at the many side; PK, FK and U mark keys; a question mark says that a column may "
        "be null; a dashed box is a table of another app. Histories are left out.",
        table(("Drawing", "Shows", "Text"), rows),
    )
    return {f"erd/{name}.dot": text for name, text in found.items()} | {"erd/README.md": index}


def is_drawn_from(svg: Path, dot_text: str) -> bool:
    """Was the drawing made from this text?"""
    return svg.exists() and _mark(dot_text) in svg.read_text(encoding="utf-8")


def _mark(dot_text: str) -> str:
    return DRAWN_FROM.format(hashlib.sha256(dot_text.encode()).hexdigest())


def draw(dot_text: str, svg: Path) -> bool:
    """Draw the SVG unless it is of this text already; False when Graphviz is not installed.

    Raises CalledProcessError when Graphviz cannot read the text.
    """
    if is_drawn_from(svg, dot_text):
        return True
    program = shutil.which("dot")
    if program is None:
        return False
    made = subprocess.run(
        [program, "-Tsvg"], input=dot_text, capture_output=True, text=True, check=True, timeout=120
    ).stdout
    made = re.sub(
        r"<!-- Generated by graphviz.*?-->\n", f"{_mark(dot_text)}\n", made, count=1, flags=re.DOTALL
    )
    svg.write_text(made, encoding="utf-8")
    return True
