"""Performers in the search box of the header."""

from collections.abc import Iterator
from uuid import UUID

from core.admin.search import HITS, Hit, SearchProvider, register_search
from core.db.roles import Role
from performers.admin.links import performer_url
from performers.models import PerformerProfile
from performers.models.performer_profile import READERS


def find_performers(query: str) -> Iterator[Hit]:
    """An exact address or id, else everybody whose stage name begins like this."""
    try:
        exact = PerformerProfile.objects.filter(pk=UUID(query))
    except ValueError:
        exact = PerformerProfile.objects.with_slug(query)
    found = list(exact)
    is_exact = bool(found)
    if not found:
        found = list(PerformerProfile.objects.stage_name_starts_with(query).order_by("-pk")[:HITS])
    for performer in found:
        yield Hit(
            title=str(performer),
            url=performer_url(performer.pk),
            words=performer.get_status_display(),
            exact=is_exact,
        )


register_search(
    SearchProvider(
        "Performers",
        tuple(role for role in READERS if role is not Role.WORKER),
        find_performers,
        hint="stage name",
    )
)
