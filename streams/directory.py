"""The directory of what is on air, page by page over a snapshot: nobody is seen twice or missed while counts move."""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from django.db.models import Exists, OuterRef, Q

from streams.catalogue_filters import category_path, label_codes, language_code, tag_name
from streams.choices import LabelAction, StreamStatus, Visibility
from streams.errors import PageRefused, SearchRefused
from streams.models import LiveListing, LiveListingSnapshot, Stream, ViewerLabelPreference
from streams.page_tokens import page_place, page_token
from streams.regions import country_check

LONGEST_PAGE = 100
LIST_OVER = "The list that you were reading is over. Start again from the first page."


@dataclass(frozen=True)
class DirectoryEntry:
    """One stream of the directory, as it was when the snapshot was taken."""

    stream_id: UUID
    performer_id: UUID
    language: str
    labels: tuple[str, ...]
    tags: tuple[str, ...]
    viewers: int
    started_at: datetime


@dataclass(frozen=True)
class DirectoryPage:
    """Entries, the most watched first. `next_page` is the token of the page after, None at the end.

    `taken_at` is when the snapshot was made (UTC), None where there is none yet.
    """

    entries: tuple[DirectoryEntry, ...]
    next_page: str | None
    taken_at: datetime | None


def page_size(limit: int) -> int:
    """Raises SearchRefused unless a page has 1 to 100 entries."""
    if not 1 <= limit <= LONGEST_PAGE:
        raise SearchRefused(f"A page has 1 to {LONGEST_PAGE} entries.")
    return limit


def _hidden(viewer_id: UUID | None) -> list[str]:
    """The labels that the viewer does not want to see."""
    if viewer_id is None:
        return []
    rows = ViewerLabelPreference.objects.filter(viewer_id=viewer_id, action=LabelAction.HIDE)
    return list(rows.order_by("label__code").values_list("label__code", flat=True))


def directory_page(
    *,
    viewer_id: UUID | None = None,
    country: str | None = None,
    subdivision: str | None = None,
    category: str | None = None,
    tag: str | None = None,
    language: str | None = None,
    label: str | None = None,
    without_labels: Collection[str] = (),
    limit: int = 50,
    page: str | None = None,
) -> DirectoryPage:
    """Live streams that this viewer is shown, filtered by a category and all below it (slug), tag, language or label.

    Left out: labels in `without_labels`, those that the viewer hides, and performers who are not shown where the viewer
    is (with an unknown country nobody who blocks a region is). The first page begins the latest snapshot; the others
    stay in it. A stream that has ended since is not shown any more. At most seven queries, each by index. Raises
    SearchRefused for an unknown filter, WatchRefused for an unknown country, PageRefused for a token that is forged,
    belongs to other filters, or whose snapshot is over (10 minutes).
    """
    page_size(limit)
    country_check(country, subdivision)
    asked = {
        "viewer": viewer_id,
        "country": country,
        "subdivision": subdivision,
        "category": category,
        "tag": tag,
        "language": language,
        "label": label,
        "without": sorted(without_labels),
    }
    place = page_place("directory", asked, page, length=3) if page is not None else None
    path, tag, language = category_path(category), tag_name(tag), language_code(language)
    excluded = label_codes(without_labels)
    wanted = label_codes([label] if label is not None else [])
    snapshot = _snapshot(UUID(place[0]) if place else None)
    if snapshot is None:
        return DirectoryPage((), None, None)
    rows = LiveListing.objects.of(snapshot.pk)
    if place:
        rows = rows.after(int(place[1]), UUID(place[2]))
    if path is not None:
        rows = rows.filter(category_paths__contains=[path])
    if tag is not None:
        rows = rows.filter(tags__contains=[tag])
    if language is not None:
        rows = rows.filter(language=language)
    if wanted:
        rows = rows.filter(labels__contains=wanted)
    if unseen := sorted({*excluded, *_hidden(viewer_id)}):
        rows = rows.exclude(labels__overlap=unseen)
    rows = rows.filter(_shown_in(country, subdivision)).filter(
        Exists(
            Stream.objects.filter(
                pk=OuterRef("stream_id"),
                status__in=[StreamStatus.LIVE, StreamStatus.INTERRUPTED],
                visibility=Visibility.PUBLIC,
            )
        )
    )
    found = list(rows[: limit + 1])
    entries = tuple(
        DirectoryEntry(
            row.stream_id,
            row.performer_id,
            row.language,
            tuple(row.labels),
            tuple(row.tags),
            row.viewers,
            row.started_at,
        )
        for row in found[:limit]
    )
    last = found[limit - 1] if len(found) > limit else None
    token = (
        page_token("directory", asked, [str(snapshot.pk), last.viewer_bucket, str(last.stream_id)])
        if last is not None
        else None
    )
    return DirectoryPage(entries, token, snapshot.taken_at)


def _snapshot(wanted: UUID | None) -> LiveListingSnapshot | None:
    """The snapshot of the pages before, else the latest. Raises PageRefused for one that is gone."""
    if wanted is None:
        return LiveListingSnapshot.objects.order_by("-taken_at").first()
    snapshot = LiveListingSnapshot.objects.filter(pk=wanted).first()
    if snapshot is None:
        raise PageRefused(LIST_OVER)
    return snapshot


def _shown_in(country: str | None, subdivision: str | None) -> Q:
    """Streams that are shown there; the unknown is treated as blocked, as in the watch decision."""
    if country is None:
        return Q(blocked_regions=[], only_countries__isnull=True)
    # `US-?` stands for some part of the country: whoever's part is unknown may be in it.
    regions = [country, subdivision if subdivision is not None else f"{country}-?"]
    return ~Q(blocked_regions__overlap=regions) & (
        Q(only_countries__isnull=True) | Q(only_countries__contains=[country])
    )
