"""Views of the list of cases that staff keep, for themselves or for all."""

from collections.abc import Mapping
from uuid import UUID

from django.db import transaction

from accounts.models import User
from audit.models import SavedFilter
from audit.moderation_errors import FilterRefused
from core.db.locking import locked
from core.db.refusals import refused_as

KNOWN_PARAMETERS = frozenset(
    {
        "status",
        "due",
        "held",
        "category",
        "subject_kind__exact",
        "source",
        "escalated",
        "person",
        "queue",
        "q",
    }
)
"""What the address of the list of cases may say; a kept view remembers nothing else."""

LONGEST_VALUE = 200
MOST_KEPT = 50
"""Views that one person keeps."""


@transaction.atomic
def saved_filter_save(
    *, name: str, parameters: Mapping[str, str], actor: User, is_shared: bool = False
) -> SavedFilter:
    """Keep a view of the list of cases under a name; one of one's own with this name is replaced.

    Locks: the view that is replaced. Raises: FilterRefused (nothing to keep, an unknown filter, no name, too many of
    them). Announces: nothing; it concerns nobody.
    """
    kept = {key: str(value).strip() for key, value in parameters.items() if str(value).strip()}
    if not kept:
        raise FilterRefused("Set a filter or search first: there is nothing to keep.")
    if unknown := sorted(set(kept) - KNOWN_PARAMETERS):
        raise FilterRefused(f"The list of cases has no such filter: {', '.join(unknown)}.")
    if any(len(value) > LONGEST_VALUE for value in kept.values()):
        raise FilterRefused(f"A filter has at most {LONGEST_VALUE} characters.")
    own = SavedFilter.objects.filter(owner=actor.pk)
    found = own.select_for_update().filter(name=name.strip()).first()
    if found is None and own.count() >= MOST_KEPT:
        raise FilterRefused(f"You keep {MOST_KEPT} filters already. Delete one that you no longer need.")
    with refused_as(FilterRefused):
        if found is None:
            return SavedFilter.objects.create(
                owner=actor, name=name.strip(), parameters=kept, is_shared=is_shared
            )
        found.parameters, found.is_shared = kept, is_shared
        found.save(update_fields=["parameters", "is_shared"])
    return found


@transaction.atomic
def saved_filter_delete(*, saved_filter_id: UUID, actor: User) -> None:
    """Keep a view no longer; only its owner can. Locks: the view. Raises: FilterRefused, NotThere."""
    found = locked(SavedFilter, saved_filter_id)
    if found.owner_id != actor.pk:
        raise FilterRefused("Only whoever keeps a filter deletes it.")
    found.delete()
