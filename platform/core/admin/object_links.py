"""Links on the page of an object to where one can ask more about it; they change nothing."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import Any

from django.db.models import Model
from django.http import HttpRequest

from core.db.roles import Role


@dataclass(frozen=True)
class ObjectLink:
    """`words` lead to `url(obj)`, for those who act in one of `roles`: the same who may open that page."""

    words: str
    url: Callable[[Any], str]
    roles: tuple[Role, ...]


def links_for(request: HttpRequest, links: Iterable[ObjectLink], obj: Model) -> list[tuple[str, str]]:
    """Words and address of each link that the acting role may follow."""
    role = request.acting_role  # type: ignore[attr-defined]
    return [(link.words, link.url(obj)) for link in links if role in link.roles]
