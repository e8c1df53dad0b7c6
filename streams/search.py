"""Search over streams, archives and performers: words in their language, beginnings, typing errors.

Order of what is found (docs/guides/watching.md): the exact stage name, titles that begin so, words and stems by their
weight (title, stage name, description), and at the end what merely looks like it. What is equal is ordered by on air
first, then newest first.
"""

from collections.abc import Collection
from dataclasses import dataclass
from uuid import UUID

from django.db import connection

from streams.catalogue_filters import category_path, language_code, storable
from streams.choices import SearchKind
from streams.directory import page_size
from streams.errors import SearchRefused
from streams.page_tokens import page_place, page_token
from streams.regions import country_check

LONGEST_SEARCH = 200
"""Characters of a search; nobody types more, and each word costs."""

FIND = (
    "SELECT id, kind, tier, score, on_air FROM streams_search(%s::text, %s::text[], %s::text, %s::text, %s::text, "
    "%s::text, %s::smallint, %s::integer, %s::boolean, %s::uuid, %s::integer)"
)


@dataclass(frozen=True)
class SearchHit:
    """One thing found: its id and kind. `tier` is 4 for the exact stage name, 3, 2, and 1 for mere similarity."""

    id: UUID
    kind: SearchKind
    tier: int
    on_air: bool


@dataclass(frozen=True)
class SearchPage:
    """What was found, the best first; `next_page` is the token of the page after, None at the end."""

    hits: tuple[SearchHit, ...]
    next_page: str | None


def search_page(
    *,
    words: str,
    kinds: Collection[SearchKind | str] = (),
    language: str | None = None,
    category: str | None = None,
    country: str | None = None,
    subdivision: str | None = None,
    limit: int = 20,
    page: str | None = None,
) -> SearchPage:
    """Find public streams (scheduled or on air), archives and performers by words of title, stage name, description.

    Of the words the first twelve count. `kinds` (none: every), `language`, `category` (slug, and all below it) filter;
    performers who are not shown in `country` are left out. Nothing is found by signs alone. Two queries at most. Raises
    SearchRefused for a search of more than 200 characters, with signs that are no text, or an unknown filter;
    WatchRefused for an unknown country; PageRefused for a token that is forged or of another search.
    """
    page_size(limit)
    storable(words, "A search", LONGEST_SEARCH)
    try:
        wanted = sorted(SearchKind(kind).value for kind in kinds)
    except ValueError:
        raise SearchRefused(f"One can search for: {', '.join(SearchKind.values)}.") from None
    country_check(country, subdivision)
    asked = {
        "words": words,
        "kinds": wanted,
        "language": language,
        "category": category,
        "country": country,
        "subdivision": subdivision,
    }
    tier, score, on_air, last = None, None, None, None
    if page is not None:
        tier, score, on_air, last = page_place("search", asked, page, length=4)
    path = category_path(category)
    filters = [wanted or None, language_code(language), path, country, subdivision]
    with connection.cursor() as cursor:
        cursor.execute(FIND, [words, *filters, tier, score, on_air, last, limit + 1])
        rows = cursor.fetchall()
    hits = tuple(SearchHit(row[0], SearchKind(row[1]), row[2], row[4]) for row in rows[:limit])
    token = None
    if len(rows) > limit:
        identity, _, *place = rows[limit - 1]
        token = page_token("search", asked, [*place, str(identity)])
    return SearchPage(hits, token)
