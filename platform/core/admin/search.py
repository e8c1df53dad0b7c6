"""The search box in the header. Apps register providers; an exact handle or id opens at once."""

from collections.abc import Callable, Collection, Iterable
from dataclasses import dataclass, field

from django.http import HttpRequest
from django.utils.text import capfirst

from core.db.roles import Role

LONGEST = 200
"""Characters of a query; nobody searches for more, and the database should not have to."""

HITS = 20
"""Hits shown per provider; a provider need not return more."""


@dataclass(frozen=True)
class Hit:
    """One thing found. `exact` means: the query names this and nothing else (a handle, an id)."""

    title: str
    url: str
    words: str = ""
    exact: bool = False


@dataclass(frozen=True)
class SearchProvider:
    """What an app can find: `words` is the heading ("People"), `find(query)` asks the database.

    `hint` completes what the empty box says one may enter: "handle or id".
    """

    words: str
    roles: Collection[Role]
    find: Callable[[str], Iterable[Hit]]
    hint: str = ""


@dataclass
class SearchResult:
    """What was found, by provider; `destination` is set when one exact hit says it all."""

    query: str
    groups: list[tuple[str, list[Hit]]] = field(default_factory=list)
    destination: str = ""
    refusal: str = ""


_providers: list[SearchProvider] = []


def register_search(provider: SearchProvider) -> SearchProvider:
    """Add a provider to the search of its roles. Call it once, when the app's admin is imported."""
    if any(known.words == provider.words for known in _providers):
        raise ValueError(f"A search provider {provider.words!r} is registered already.")
    _providers.append(provider)
    return provider


def offered(request: HttpRequest) -> bool:
    """Whether the acting role can search for anything."""
    role = request.acting_role  # type: ignore[attr-defined]
    return any(role in provider.roles for provider in _providers)


def hint(request: HttpRequest) -> str:
    """What the acting role may enter, for the empty box: "Handle or id, whole e-mail address"."""
    role = request.acting_role  # type: ignore[attr-defined]
    hints = [provider.hint for provider in _providers if provider.hint and role in provider.roles]
    return capfirst(", ".join(hints))


def ask(request: HttpRequest, query: str) -> SearchResult:
    """Ask the providers of the acting role; a query nobody can mean is refused in words."""
    query = query.strip()
    result = SearchResult(query)
    if not query:
        return result
    if len(query) > LONGEST or "\x00" in query:
        result.query = query.replace("\x00", "")[:LONGEST]
        result.refusal = f"Search for at most {LONGEST} ordinary characters: a handle or an id."
        return result
    role = request.acting_role  # type: ignore[attr-defined]
    for provider in _providers:
        if role in provider.roles:
            hits = list(provider.find(query))[:HITS]
            if hits:
                result.groups.append((provider.words, hits))
    exact = [hit for _, hits in result.groups for hit in hits if hit.exact]
    if len(exact) == 1:
        result.destination = exact[0].url
    return result
