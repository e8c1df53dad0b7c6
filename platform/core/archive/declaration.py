"""What a model says about its partitions in the archive.

class Label(Partitioned):
    retention = "7 years"
    to_archive = Archived(online="2 years", omits_erased=True)
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any

from django.core.checks import CheckMessage, Error
from django.db.models import Field, Model

from core.db.holds import HeldBy, held_by_of
from core.db.privacy import Privacy, privacy_of
from core.models.storage import Term, TermStart, term_of


@dataclass(frozen=True)
class Archived:
    """Partitions leave the database for the archive after `online`, and are destroyed there when `retention` is over.

    Personal columns are never in plain text in a file: those in `left_out` are not in it at all, the others are
    encrypted under keys of the persons whose the row is (`held_by.person`), all of which are needed to read them.
    `omits_erased`: a row whose words cannot be read any more is left out when a partition comes back, as erasure
    deletes such a row in the database; otherwise the columns come back empty. `told_by_others`: whose a row is stands
    in a table that leaves as well, so that holds cannot be asked about the rows of a file. `before` names the models
    whose partitions of the same time leave after this one, and come back before it.
    """

    online: str
    left_out: tuple[str, ...] = ()
    omits_erased: bool = False
    told_by_others: bool = False
    before: tuple[str, ...] = ()

    @property
    def term(self) -> Term:
        """How long partitions stay in the database. Raises ValueError for words that are no period."""
        return term_of(self.online)


def archived_of(model: type[Model]) -> Archived | None:
    """What the model says; None: its partitions do not go to the archive."""
    return getattr(model, "to_archive", None)


def protected_fields(model: type[Model]) -> list[Field]:
    """The personal columns that are encrypted in a file."""
    declared = archived_of(model)
    if declared is None:
        return []
    return [field for field in _personal(model) if field.name not in declared.left_out]


def left_out_columns(model: type[Model]) -> tuple[str, ...]:
    """The columns that are in no file."""
    declared = archived_of(model)
    if declared is None:
        return ()
    return tuple(str(field.column) for field in _personal(model) if field.name in declared.left_out)


def persons_sql(model: type[Model], row: str) -> str:
    """SQL: whose a row called `row` is, as a sorted array of ids without repetition; empty where it is nobody's."""
    held = held_by_of(model)
    ids = (
        [sql for kind, sql in held.scopes(model, row) if kind == "person"] if isinstance(held, HeldBy) else []
    )
    if not ids:
        return "ARRAY[]::uuid[]"
    return f"ARRAY(SELECT DISTINCT p FROM unnest(ARRAY[{', '.join(ids)}]::uuid[]) p WHERE p IS NOT NULL ORDER BY p)"


def _personal(model: type[Model]) -> Sequence[Field]:
    return [field for field in model._meta.local_concrete_fields if privacy_of(field) is not Privacy.NONE]


def check_declaration(model: type[Model]) -> Iterator[CheckMessage]:
    """What is missing or contradictory in the declaration of one model."""
    declared = archived_of(model)
    if declared is None:
        return
    label = model._meta.label
    try:
        online: Any = declared.term
    except ValueError as error:
        online = None
        yield Error(f"{label}: {error}", obj=model, id="core.E141")
    if online is not None and (online.period is None or online.starts_from is not TermStart.CREATED):
        yield Error(
            f"{label} stays online {declared.online!r}, which is not a period from when a row was written.",
            hint='Write Archived(online="13 months").',
            obj=model,
            id="core.E141",
        )
    names = {field.name: field for field in _personal(model)}
    for name in declared.left_out:
        if name not in names or not names[name].null:
            yield Error(
                f"{label}.{name} is left out of the archive and is not personal, or cannot be null when a row "
                "comes back.",
                obj=model,
                id="core.E142",
            )
    held = held_by_of(model)
    if protected_fields(model) and not (isinstance(held, HeldBy) and held.person):
        yield Error(
            f"{label} has personal columns in the archive and does not say whose its rows are.",
            hint="Set held_by = HeldBy(person=...), or leave the columns out: Archived(left_out=...).",
            obj=model,
            id="core.E143",
        )
    if not declared.omits_erased and any(not field.null for field in protected_fields(model)):
        yield Error(
            f"{label} has encrypted columns in the archive that cannot be null when their key is gone.",
            hint="Set Archived(omits_erased=True), or left_out for those columns.",
            obj=model,
            id="core.E144",
        )
