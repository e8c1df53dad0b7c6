"""When the time of a row is over, told to the database: who deletes it then, and who may not before.

A model says `over = Over(...)` beside how long its rows are kept (`core.models.storage`), or `over = GoesWith("goal")`
for rows that go with what they belong to. From it come the right and the policies by which the retention role deletes,
an index that finds what is over, and a trigger that refuses to delete a day too early. How long is data of the
oversight storey: two functions of the database, `retention_is_over` and `retention_released`, say here that nothing
is over (core.0008), and get their bodies there. A history is over when the row is gone whose history it is.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import pgtrigger
from django.apps import apps
from django.db import models
from django.db.models import F, Func, Model, Q

from core.db.holds import OWN, ROLE
from core.db.indexes import BTree
from core.db.policies import ALL, Policy
from core.db.privacy import Privacy, privacy_of
from core.db.roles import Role
from core.db.triggers import Trigger

CUT_OFF = "{cut_off}"
"""In `Over.found`: the instant before which a period must have begun."""

FLOOR = "{floor}"
"""In `Over.found`: the smallest id of that instant."""

WRITTEN = "uuid_extract_timestamp({row}.id)"
COLUMN = re.compile(r"^\{row\}\.(?P<column>\w+)$")
END_OF_RANGE = re.compile(r"^upper\(\{row\}\.(?P<column>\w+)\)$")
SERVES = "audit.services.retention: whose time is over"
TOO_EARLY = "The time of this row is not over; retention deletes it when it is."
ALONE = "This is a record that the law demands. Retention alone deletes it, when its time is over."


@dataclass(frozen=True)
class Over:
    """From when the period of a row counts, and what happens to it beyond being deleted.

    `since` is SQL over `{row}`, null while it has not begun; empty: when the row was written. `found` is the same as
    `since < {cut_off}`, said so that an index finds it, where `since` by itself does not. `alone`: nobody but the
    retention role ever deletes such a row, neither the owner nor an erasure. `objects`: sealed columns that say where
    an object lies, which goes from storage with the row. `person`: whose record it is, for the trail; empty: the trail
    is told of the run and not of the people. `index`: no index is made where the model has one of its own.
    """

    since: str = ""
    found: str = ""
    alone: bool = False
    objects: tuple[str, ...] = ()
    person: str = ""
    index: bool = True

    def instant(self, row: str) -> str:
        """The SQL of the beginning, for a row called `row`."""
        return f"({(self.since or WRITTEN).replace(OWN, f'{row}.')})"

    def condition(self, row: str, *, cut_off: str, floor: str) -> str:
        """The SQL that the time of a row is over; `cut_off` and `floor` are SQL too, or placeholders."""
        found = self.found or ("{row}.id < {floor}" if not self.since else f"({self.since}) < {CUT_OFF}")
        return f"({found.replace(OWN, f'{row}.').replace(CUT_OFF, cut_off).replace(FLOOR, floor)})"


@dataclass(frozen=True)
class GoesWith:
    """Rows that are deleted with the row that the field `parent` names, in the same transaction and before it."""

    parent: str


def over_of(model: type[Model]) -> Over | GoesWith | None:
    """What the model says; of a history, what follows from its subject. None: nobody deletes its rows by a period."""
    subject: Any = getattr(model, "instance_type", None)
    if subject is None:
        return getattr(model, "over", None)
    if not isinstance(getattr(subject, "over", None), Over):
        return None
    gone = f"NOT EXISTS (SELECT FROM {subject._meta.db_table} s WHERE s.id = {{row}}.id)"
    return Over(
        since=f"CASE WHEN {gone} THEN uuid_extract_timestamp({{row}}.history_id) END",
        found=f"{{row}}.history_id < {{floor}} AND {gone}",
    )


class KeepUntilOver(Trigger):
    """Refuses to delete a row before its time is over, and, where the model says so, to everybody but retention.

    Others are not asked about time: what they may delete and when is said by their own rules. Runs with the owner's
    rights, so that the beginning can be read from other tables. Asked after `KeepHeld`: a hold is told of first.
    """

    name = "96_keep_until_over"
    definer = True
    when = pgtrigger.Before
    operation = pgtrigger.Delete

    def __init__(self, over: Over | GoesWith, **kwargs: Any) -> None:
        self.over = over
        self.alone = isinstance(over, Over) and over.alone
        others = " and refuses everybody else" if self.alone else ""
        super().__init__(
            words=f"Lets the retention role delete what is over by the retention policy{others}.", **kwargs
        )

    def get_func(self, model: Any) -> str:
        # Migrations see fields only: what a parent says is asked of the parent itself.
        table, over, released = model._meta.db_table, self.over, ""
        if isinstance(over, GoesWith):
            field = model._meta.get_field(over.parent)
            parent, column = apps.get_model(field.related_model._meta.label), field.column
            above: Any = over_of(parent)
            asked = parent._meta.db_table
            since = f"(SELECT {above.instant('p')} FROM {asked} p WHERE p.id = OLD.{column})"
        else:
            asked, since = table, over.instant("OLD")
            for name in over.objects:
                column = model._meta.get_field(name).column
                released += f"\n  PERFORM retention_released('{table}', OLD.id, OLD.{column});"
        refused = ""
        if self.alone:
            refused = f"""
ELSE
  RAISE EXCEPTION '{ALONE}' USING ERRCODE = 'restrict_violation', TABLE = TG_TABLE_NAME;"""
        return f"""
IF {ROLE} = '{Role.RETENTION}' THEN
  IF retention_is_over('{asked}', {since}) IS NOT TRUE THEN
    RAISE EXCEPTION '{TOO_EARLY}'
      USING ERRCODE = 'check_violation', CONSTRAINT = '{table}_over', TABLE = TG_TABLE_NAME;
  END IF;{released}{refused}
END IF;
RETURN OLD;"""


def promised_triggers(model: type[Model]) -> list[KeepUntilOver]:
    """The trigger of a model that says when its rows are over."""
    over = over_of(model)
    return [] if over is None else [KeepUntilOver(over)]


def promised_policies(model: type[Model]) -> Iterator[Policy]:
    """By which the retention role finds and deletes; none where the table has no security of rows."""
    if over_of(model) is None:
        return
    own = [policy for policy in model._meta.constraints if isinstance(policy, Policy)]
    for command in ("select", "delete"):
        if own and not any((policy.role, policy.command) == (Role.RETENTION, command) for policy in own):
            yield Policy(role=Role.RETENTION, command=command, using=ALL)


def promised_indexes(model: type[Model]) -> Iterator[models.Index]:
    """The index that finds what is over; ids and small tables need none, and other beginnings bring their own."""
    over = over_of(model)
    if not isinstance(over, Over) or not over.index or getattr(model, "volume", None) == "S":
        return
    name = "%(app_label)s_%(class)s_over_idx"
    led = {index.fields[0].lstrip("-") for index in model._meta.indexes if index.fields}
    if match := COLUMN.match(over.since):
        column = match["column"]
        if column in led:
            return
        begun = Q(**{f"{column}__isnull": False})
        yield BTree(fields=[column], condition=begun, name=name, serves=SERVES)
    elif match := END_OF_RANGE.match(over.since):
        end = Func(F(match["column"]), function="upper", output_field=models.DateTimeField())
        yield BTree(end, name=name, serves=SERVES)


def names_objects(model: type[Model]) -> bool:
    """Whether a model that names objects in storage names sealed columns of its own, as it must."""
    over = over_of(model)
    sealed = {field.name for field in model._meta.local_fields if privacy_of(field) is Privacy.SEALED}
    return not isinstance(over, Over) or sealed.issuperset(over.objects)
