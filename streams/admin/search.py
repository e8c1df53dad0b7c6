"""Streams, archives and performers in the search box of the header: what viewers find by the same words."""

from collections.abc import Iterator

from django.urls import NoReverseMatch, reverse

from core.admin.search import HITS, Hit, SearchProvider, register_search
from core.db.roles import Role
from core.errors import Refused
from streams.choices import SearchKind
from streams.models import Archive, Stream
from streams.search import search_page

SEEKERS = (
    Role.SUPPORT,
    Role.MODERATOR,
    Role.LEAD_MODERATOR,
    Role.COMPLIANCE,
    Role.AUDITOR,
    Role.ADMINISTRATOR,
)
PAGES = {
    SearchKind.STREAM: "admin:streams_stream_change",
    SearchKind.ARCHIVE: "admin:streams_archive_change",
}


def find_by_words(query: str) -> Iterator[Hit]:
    """Streams and archives whose title, description or stage name has these words, the best first."""
    try:
        hits = search_page(words=query, kinds=list(PAGES), limit=HITS).hits
    except Refused:
        return
    titles = {
        **{row.pk: row.title for row in Stream.all_objects.filter(pk__in=[hit.id for hit in hits])},
        **{row.pk: row.title for row in Archive.all_objects.filter(pk__in=[hit.id for hit in hits])},
    }
    for hit in hits:
        try:
            address = reverse(PAGES[hit.kind], args=[hit.id])
        except NoReverseMatch:
            continue
        yield Hit(title=titles[hit.id], url=address, words="On air" if hit.on_air else hit.kind.label)


register_search(SearchProvider("Streams and archives", SEEKERS, find_by_words, hint="words of a title"))
