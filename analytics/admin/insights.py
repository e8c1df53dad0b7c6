"""The base of every page of insight: roles, range, comparison, figures with tables beside, and CSV on record.

How to make one, in a file of its own beside this one (import it in `analytics/admin/__init__.py`)::

    class Audience(InsightPage):
        name, address, title = "insight_audience", "insights/audience/", "Audience"
        roles = (Role.ANALYST, Role.AUDITOR)
        lead = "Who watches, by country and device. Days are those of UTC."

        def read(self, asked: Asked) -> Insight:
            days = audience_days(asked.range)                      # a selector over roll-ups, never over raw rows
            return Insight(
                tiles=[Tile("Viewers", 4210, before=asked.previous and 3980)],
                parts=[Figure("viewers", "Viewers a day", "Day (UTC)", labels, [Series("Viewers", values)])],
            )

    Audience.register()

- `asked.range` is a `DateRange` (1 to 400 whole days, both ends included; `start` and `end` are instants, half-open),
  `asked.previous` the one before or None, `asked.form` the form (subclass `RangeForm`, name it in `form_class`, to
  ask for more), `asked.subject` what `find(**kwargs)` returned for an address with an id.
- `has_zone = True` where the page can count by any IANA zone; without it the days are those of UTC.
- `form_class = ZoneForm` for a page that shows one thing whole, such as a stream: it has no range, and with `has_zone`
  asks for a zone alone (`asked.zone`).
- What a selector refuses (`Refused`) is shown as a sentence. An id that leads to nothing: `find` raises `NotThere`.
- Every part (`Figure`, `HeatMap`, `Table`) has a button that saves it as CSV: POST, escaped, at most 10,000 lines,
  on record as `insight_exported`. `export_roles` narrows who may.
- A page without an id stands in the navigation of its section; set `in_navigation = False` to keep it out. A page
  with one is linked by `backoffice.add_object_link(Model, Page.link("Figures"))`.
"""

from abc import ABC, abstractmethod
from collections.abc import Collection, Sequence
from dataclasses import dataclass, field
from typing import Any, ClassVar
from zoneinfo import ZoneInfo

from django.core.exceptions import PermissionDenied
from django.db import transaction
from django.http import HttpRequest, HttpResponse
from django.template.response import TemplateResponse
from django.urls import path, reverse

from analytics.admin.parts import Part, Tile
from analytics.admin.ranges import UTC, DateRange, RangeForm, ZoneForm
from analytics.page_announcements import insight_exported
from billing.admin.ledger_exports import MOST_ROWS, csv_response
from core.admin.object_links import ObjectLink
from core.admin.sections import Section
from core.admin.site import PageRoom, backoffice
from core.db.locking import NotThere
from core.db.roles import Role
from core.errors import Refused

ROWS_SHOWN = 500
"""Rows of a table that a page shows; the file has all of them."""


@dataclass(frozen=True)
class Asked:
    """What somebody wants to see: the range, the one before, and what the page is about."""

    form: ZoneForm | None
    subject: Any
    role: Role

    @property
    def range(self) -> DateRange:
        """The days asked for. Only where the page is ranged."""
        if not isinstance(self.form, RangeForm):
            raise LookupError("This page has no range.")
        return self.form.chosen

    @property
    def previous(self) -> DateRange | None:
        """The days to compare with; None where nobody wants to."""
        return self.form.previous if isinstance(self.form, RangeForm) else None

    @property
    def query(self) -> dict[str, str]:
        """What was asked for, as it stands in an address: for links that keep the range."""
        return self.form.query if self.form is not None else {}

    @property
    def zone(self) -> ZoneInfo:
        """The zone asked for; UTC where the page asks for none."""
        return self.form.cleaned_data["zone"] if self.form is not None else UTC


@dataclass(frozen=True)
class Insight:
    """What a page shows: numbers, then parts, in order; `notes` are sentences above them."""

    tiles: Sequence[Tile] = ()
    parts: Sequence[Part] = ()
    notes: Sequence[str] = ()
    links: Sequence[tuple[str, str]] = field(default=())


class InsightPage(ABC):
    """One page of insight. Subclass it, say what it reads, and call `register()`."""

    name: ClassVar[str]
    address: ClassVar[str]
    title: ClassVar[str]
    roles: ClassVar[Collection[Role]]
    export_roles: ClassVar[Collection[Role] | None] = None
    lead: ClassVar[str] = ""
    section: ClassVar[Section] = Section.INSIGHT
    form_class: ClassVar[type[ZoneForm]] = RangeForm
    has_zone: ClassVar[bool] = False
    default_days: ClassVar[int] = 28
    in_navigation: ClassVar[bool] = True

    @abstractmethod
    def read(self, asked: Asked) -> Insight:
        """The figures asked for, from roll-ups alone. May raise Refused with a sentence."""

    def find(self, **identity: Any) -> Any:
        """What the page is about, by what stands in its address. Raises NotThere."""
        return None

    def title_of(self, subject: Any) -> str:
        """The heading."""
        return self.title

    @classmethod
    def register(cls) -> None:
        """Put the page on the site, and into the navigation if it needs no id. Call it once, at import."""
        backoffice.add_pages(path(cls.address, backoffice.admin_view(cls.answer), name=cls.name))
        if cls.in_navigation and "<" not in cls.address:
            backoffice.add_room(PageRoom(cls.section, cls.title, cls.name, tuple(cls.roles)))

    @classmethod
    def link(cls, words: str) -> ObjectLink:
        """A link from the page of an object to the page of insight about it, for those who may open that."""
        return ObjectLink(words, lambda obj: reverse(f"admin:{cls.name}", args=[obj.pk]), tuple(cls.roles))

    @classmethod
    def answer(cls, request: HttpRequest, **identity: Any) -> HttpResponse:
        """The view: figures (GET), or one part of them as CSV (POST)."""
        if request.acting_role not in cls.roles:  # type: ignore[attr-defined]
            raise PermissionDenied
        return cls()._answer(request, identity)

    def _answer(self, request: HttpRequest, identity: dict[str, Any]) -> HttpResponse:
        given = request.POST if request.method == "POST" else request.GET
        form: ZoneForm | None = self.form_class(given, days=self.default_days, has_zone=self.has_zone)
        refusals: list[str] = []
        subject = insight = None
        status = 200
        try:
            subject = self.find(**identity)
            if form is not None and form.is_valid():
                asked = Asked(form, subject, request.acting_role)  # type: ignore[attr-defined]
                insight = self.read(asked)
        except NotThere as refusal:
            refusals, form, status = [str(refusal)], None, 404
        except Refused as refusal:
            refusals = [str(refusal)]
        if request.method == "POST" and insight is not None:
            return self._export(request, insight, form, subject)
        if form is not None:
            refusals += form.refusals
        context = {
            **backoffice.each_context(request),
            "title": self.title_of(subject) if status == 200 else self.title,
            "page": self,
            "form": form,
            "refusals": refusals,
            "insight": insight,
            "range": form.chosen if isinstance(form, RangeForm) and form.is_valid() else None,
            "previous": form.previous if isinstance(form, RangeForm) and form.is_valid() else None,
            "exports": request.acting_role in (self.export_roles or self.roles),  # type: ignore[attr-defined]
            "rows_shown": ROWS_SHOWN,
        }
        return TemplateResponse(request, "admin/insight.html", context, status=status)

    @transaction.atomic
    def _export(
        self, request: HttpRequest, insight: Insight, form: ZoneForm | None, subject: Any
    ) -> HttpResponse:
        """One part as CSV: who saved what, of which days, is on record in the same transaction."""
        if request.acting_role not in (self.export_roles or self.roles):  # type: ignore[attr-defined]
            raise PermissionDenied
        part = next((part for part in insight.parts if part.code == request.POST.get("part")), None)
        if part is None:
            raise PermissionDenied
        lines = list(part.lines)
        is_cut = len(lines) > MOST_ROWS
        detail: dict[str, Any] = {
            "page": self.name,
            "part": part.code,
            "rows": min(len(lines), MOST_ROWS),
            "is_cut": is_cut,
        }
        name = f"{self.name.removeprefix('insight_')}-{part.code}"
        if form is not None:
            detail |= form.query
        if isinstance(form, RangeForm):
            name += f"-{form.chosen.since}-{form.chosen.until}"
        about = subject if subject is not None else request.user
        insight_exported.send(sender=type(about), actor=request.user, subject=about, detail=detail)
        rows = lines[:MOST_ROWS]
        if is_cut:
            rows.append((f"Cut: these are the first {MOST_ROWS:,} of {len(lines):,} lines.",))
        return csv_response(f"{name}.csv", list(part.header), rows)
