"""People in the search box of the header."""

from collections.abc import Iterator
from uuid import UUID

from accounts.admin.links import person_url
from accounts.models import User
from accounts.models.user import READERS
from core.admin.search import HITS, Hit, SearchProvider, register_search


def find_people(query: str) -> Iterator[Hit]:
    """An exact handle or id, else everybody whose handle begins like this."""
    try:
        exact = User.objects.filter(pk=UUID(query))
    except ValueError:
        exact = User.objects.with_handle(query)
    people = list(exact) or list(User.objects.handle_starts_with(query).order_by("-pk")[:HITS])
    only = len(people) == 1 and (
        str(people[0].pk) == query or (people[0].handle or "").lower() == query.lower()
    )
    for user in people:
        yield Hit(title=str(user), url=person_url(user.pk), words=user.get_status_display(), exact=only)


register_search(SearchProvider("People", READERS, find_people, hint="handle or id"))
