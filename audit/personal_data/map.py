"""The map of personal data: for each table whose its rows are, and what of them is handed out.

It is derived from what the models say anyway: privacy classes, `held_by`, foreign keys. What does not follow from these
is decided in `audit.personal_data.decisions_*`, each with its reason. A table that is neither derived nor decided fails
`manage.py check` (`audit.personal_data.checks`), so that a new one cannot be forgotten.
"""

import re
from collections.abc import Collection, Iterable, Iterator, Mapping
from dataclasses import dataclass
from functools import cached_property

from django.apps import apps
from django.contrib.postgres.search import SearchVectorField
from django.db.models import Field, Model

from accounts.models import User
from audit.personal_data.decisions_content import CONTENT
from audit.personal_data.decisions_figures import FIGURES
from audit.personal_data.decisions_money import MONEY
from audit.personal_data.decisions_oversight import LIBRARIES, OVERSIGHT
from audit.personal_data.decisions_people import PEOPLE
from audit.personal_data.declarations import Decision, Given, Nobodys, Way, Withheld
from audit.personal_data.paths import condition, target
from audit.personal_data.reasons import COPY, DIGEST
from core.checks import HOUSE_APPS
from core.db.holds import OWN, HeldBy, held_by_of
from core.db.privacy import Privacy, privacy_of
from core.encryption.blind_index import BlindIndexField
from core.models.storage import subject_of
from performers.models import PerformerProfile

DECISIONS: dict[str, Decision] = {**PEOPLE, **CONTENT, **MONEY, **OVERSIGHT, **FIGURES, **LIBRARIES}
"""By label of the model, every decision that does not follow from the columns."""

ACTS = re.compile(r"(_by|^actor|^owner|^moderator|^maker|^checker|^grantor|^reviewer|^history_user)$")
"""Foreign keys to whoever acted. Whose the row is says another one; what somebody did stands in the trail."""

OF_HISTORY = frozenset({"history_user_id", "history_change_reason"})
PEOPLE_MODELS: tuple[type[Model], ...] = (User, PerformerProfile)


@dataclass(frozen=True)
class PersonalTable:
    """A table with its decision. `ways` is empty unless rows are given."""

    model: type[Model]
    decision: Decision
    ways: tuple[Way, ...] = ()

    @property
    def table(self) -> str:
        """Its name in the catalog."""
        return self.model._meta.db_table

    @cached_property
    def fields(self) -> list[Field]:
        """The fields with a column."""
        return list(self.model._meta.local_concrete_fields)

    def reason_withheld(self, field: Field, way: Way) -> str:
        """Why a field is not handed out on a way; empty: it is."""
        if isinstance(field, BlindIndexField):
            return DIGEST
        if isinstance(field, SearchVectorField):
            return COPY
        decision = self.decision
        general = decision.withheld if isinstance(decision, Given) else {}
        return way.withheld.get(field.name, general.get(field.name, ""))

    def given_fields(self, way: Way) -> list[Field]:
        """What is handed out on a way, in the order of the columns."""
        return [field for field in self.fields if not self.reason_withheld(field, way)]

    def provided_fields(self, way: Way) -> list[Field]:
        """What of it the person provided (GDPR art. 20); none: nothing of these rows."""
        decision = self.decision
        provided = way.provided
        if provided is None:
            provided = decision.provided if isinstance(decision, Given) else False
        if subject_of(self.model) is not None or provided is False:
            return []
        given = self.given_fields(way)
        if provided is True:
            return given
        return [field for field in given if field.primary_key or field.name in provided]

    def withheld_everywhere(self) -> dict[str, str]:
        """Columns that are handed out on no way, with the reason."""
        found = {}
        for field in self.fields:
            reasons = [self.reason_withheld(field, way) for way in self.ways]
            if reasons and all(reasons):
                found[str(field.column)] = reasons[0]
        return found

    def condition(self, way: Way) -> str:
        """SQL of the rows of a way, for a table called t and the person $1."""
        return condition(self.model, way.path)


def candidates() -> Iterator[type[Model]]:
    """Every model with a table of its own: views read tables, and what only tests have is nobody's."""
    for model in apps.get_models(include_auto_created=True):
        options = model._meta
        is_view = not options.managed and options.app_label in HOUSE_APPS
        if not options.proxy and not is_view and options.app_label != "kernel":
            yield model


def points_at_person(field: Field) -> bool:
    """Whether the field points at an account, or at the part of a person that performs."""
    return target(field) in PEOPLE_MODELS


def is_about_people(model: type[Model], belonging: Collection[type[Model]] = ()) -> bool:
    """Whether a row may be about somebody: by a privacy class, a foreign key, or as no model of this house says it."""
    if model._meta.app_label not in HOUSE_APPS:
        return True
    return any(
        privacy_of(field) is not Privacy.NONE or points_at_person(field) or target(field) in belonging
        for field in model._meta.local_concrete_fields
    )


def declared_ways(model: type[Model]) -> tuple[Way, ...]:
    """What the model itself says: whose it is for legal holds, else its foreign keys to people."""
    held = held_by_of(model)
    if isinstance(held, HeldBy) and held.person:
        return tuple(
            Way(f"({entry.replace(OWN, '{row}.')}) = {{person}}" if OWN in entry else entry)
            for entry in held.person
        )
    return tuple(
        Way(field.name)
        for field in model._meta.local_concrete_fields
        if points_at_person(field) and not ACTS.search(field.name)
    )


def ways_of_parents(model: type[Model], known: Mapping[type[Model], tuple[Way, ...]]) -> tuple[Way, ...]:
    """Ways by the first foreign key to a row that is somebody's."""
    for field in model._meta.local_concrete_fields:
        above = target(field)
        if above is not None and above is not model and above in known and not points_at_person(field):
            return tuple(Way(f"{field.name}__{way.path}") for way in known[above])
    return ()


def personal_tables(
    decisions: Mapping[str, Decision] | None = None, models: Iterable[type[Model]] | None = None
) -> tuple[dict[type[Model], PersonalTable], list[type[Model]]]:
    """Every table that is about people with its decision, and those about which nobody decided."""
    decided = DECISIONS if decisions is None else decisions
    every = list(candidates() if models is None else models)
    found: dict[type[Model], PersonalTable] = {}
    ways: dict[type[Model], tuple[Way, ...]] = {}
    open_ones: list[type[Model]] = []
    for model in every:
        subject = subject_of(model) or model
        decision = decided.get(subject._meta.label)
        if isinstance(decision, Withheld | Nobodys):
            found[model] = PersonalTable(model, decision)
            continue
        own = (decision.ways if decision else ()) or declared_ways(model)
        if own:
            ways[model] = own
            found[model] = PersonalTable(model, decision or Given(), own)
        else:
            open_ones.append(model)
    # Parents first: a row may hang on one that hangs on another.
    while rest := [(model, above) for model in open_ones if (above := ways_of_parents(model, ways))]:
        for model, above in rest:
            open_ones.remove(model)
            ways[model] = above
            decision = decided.get((subject_of(model) or model)._meta.label)
            found[model] = PersonalTable(model, decision or Given(), above)
    return found, [model for model in open_ones if is_about_people(model, ways)]
