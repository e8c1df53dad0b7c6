"""Triggers of the catalogue: what a CHECK cannot say because it takes other rows to see it."""

from typing import Any

import pgtrigger
from django.db.models import Model

from core.db.triggers import Trigger


def _table_of(model: type[Model], field: str) -> str:
    return str(model._meta.get_field(field).remote_field.model._meta.db_table)  # type: ignore[union-attr]


class CountsChildren(Trigger):
    """The count of children that django-treebeard keeps is the truth when the transaction ends.

    The library believes it: a node that says it has none gets its first child at a place that may be taken.
    """

    name = "50_count_children"
    words = "Refuses, when the transaction ends, a count of children that is not their number."
    definer = True
    when = pgtrigger.After
    operation = pgtrigger.Insert | pgtrigger.Update | pgtrigger.Delete
    timing = pgtrigger.Deferred

    def get_func(self, model: Any) -> str:
        table = model._meta.db_table
        return f"""
IF EXISTS (
  SELECT FROM {table} c
  WHERE c.path IN (OLD.path, NEW.path, OLD.parent_path, NEW.parent_path)
    AND c.numchild <> (SELECT count(*) FROM {table} k WHERE k.parent_path = c.path)
) THEN
  RAISE EXCEPTION 'A category says how many children it has, and has as many.'
    USING ERRCODE = 'check_violation', CONSTRAINT = '{table}_numchild_true', TABLE = TG_TABLE_NAME;
END IF;
RETURN NULL;"""


class MergedOnce(Trigger):
    """A row is merged into one that stands for itself, so that following `merged_into` takes one step.

    The share lock makes two merges at once, A into B and B into C, wait for one another.
    """

    name = "50_merge"
    words = (
        "A row is merged into one that is not merged itself, and takes nothing along that was merged into it."
    )
    definer = True
    when = pgtrigger.Before
    operation = pgtrigger.Insert | pgtrigger.UpdateOf("merged_into_id")

    def get_func(self, model: Any) -> str:
        table = model._meta.db_table
        return f"""
IF NEW.merged_into_id IS NULL THEN
  RETURN NEW;
END IF;
PERFORM FROM {table} t WHERE t.id = NEW.merged_into_id AND t.merged_into_id IS NULL FOR SHARE;
IF NOT FOUND OR EXISTS (SELECT FROM {table} t WHERE t.merged_into_id = NEW.id) THEN
  RAISE EXCEPTION 'Something is merged into what stands for itself, and with all that was merged into it.'
    USING ERRCODE = 'check_violation', CONSTRAINT = '{table}_merged_once', TABLE = TG_TABLE_NAME;
END IF;
RETURN NEW;"""


class TakesVisibility(Trigger):
    """Sets `is_public` from the stream, so that a policy can hide the links of private streams without a join.

    The lock keeps the stream's visibility as it is until the link is written, and makes two links of one stream wait
    for one another, as `AtMost` needs it. It is a lock on the row: an import writes more links in a transaction than
    PostgreSQL has room for advisory locks.
    """

    name = "16_take_visibility"
    words = "Says whether anybody may know of the stream, whatever the statement says."
    definer = True
    when = pgtrigger.Before
    operation = pgtrigger.Insert | pgtrigger.Update

    def get_func(self, model: Any) -> str:
        return """
SELECT s.visibility <> 'private' AND s.deleted_at IS NULL INTO NEW.is_public
FROM streams_stream s WHERE s.id = NEW.stream_id FOR NO KEY UPDATE;
NEW.is_public := coalesce(NEW.is_public, false);
RETURN NEW;"""


class ShowsLinks(Trigger):
    """On the stream: its links follow when it becomes private, public or deleted."""

    name = "80_show_links"
    words = "Tells the stream's categories, tags and labels whether anybody may know of the stream."
    definer = True
    when = pgtrigger.After
    operation = pgtrigger.UpdateOf("visibility", "deleted_at")

    def get_func(self, model: Any) -> str:
        links = ("streams_streamcategory", "streams_streamtag", "streams_streamlabel")
        updates = "\n".join(
            f"  UPDATE {link} l SET is_public = known WHERE l.stream_id = NEW.id AND l.is_public <> known;"
            for link in links
        )
        return f"""
DECLARE
  known boolean := NEW.visibility <> 'private' AND NEW.deleted_at IS NULL;
BEGIN
{updates}
END;
RETURN NULL;"""


class AtMost(Trigger):
    """No parent has more than `most` rows. The lock makes two rows at once wait for one another."""

    name = "55_limit"
    definer = True
    when = pgtrigger.After
    operation = pgtrigger.Insert

    def __init__(self, most: int, *, per: str, what: str, **kwargs: Any) -> None:
        self.most, self.per, self.what = most, per, what
        super().__init__(words=f"At most {most} {what} for one {per}.", **kwargs)

    def get_func(self, model: Any) -> str:
        table, column = model._meta.db_table, model._meta.get_field(self.per).column
        return f"""
PERFORM FROM {_table_of(model, self.per)} p WHERE p.id = NEW.{column} FOR NO KEY UPDATE;
IF (SELECT count(*) FROM {table} t WHERE t.{column} = NEW.{column}) > {self.most} THEN
  RAISE EXCEPTION 'At most {self.most} {self.what} are possible. Leave some out.'
    USING ERRCODE = 'check_violation', CONSTRAINT = '{table}_limit', TABLE = TG_TABLE_NAME;
END IF;
RETURN NULL;"""


class LinksStanding(Trigger):
    """A link is to a category or tag that stands for itself, and to a tag that may be used.

    The share lock makes a link and a merge at once wait for one another: no link is left behind at what was merged.
    """

    name = "50_stand"
    definer = True
    when = pgtrigger.Before

    def __init__(self, target: str, *, condition: str, sentence: str, **kwargs: Any) -> None:
        self.target, self.rule, self.sentence = target, condition, sentence
        super().__init__(
            words=f"Links only to what stands for itself: {sentence}",
            operation=pgtrigger.Insert | pgtrigger.UpdateOf(f"{target}_id"),
            **kwargs,
        )

    def get_func(self, model: Any) -> str:
        column = model._meta.get_field(self.target).column
        return f"""
PERFORM FROM {_table_of(model, self.target)} t WHERE t.id = NEW.{column} AND t.merged_into_id IS NULL FOR SHARE;
IF NOT FOUND OR TG_OP = 'INSERT' AND NOT EXISTS (
  SELECT FROM {_table_of(model, self.target)} t WHERE t.id = NEW.{column} AND {self.rule}
) THEN
  RAISE EXCEPTION '{self.sentence}'
    USING ERRCODE = 'check_violation', CONSTRAINT = '{model._meta.db_table}_{self.target}_stands',
      TABLE = TG_TABLE_NAME;
END IF;
RETURN NEW;"""


class OneMeaning(Trigger):
    """A spelling is a tag or another name of one, never both.

    New tags share a lock that a new spelling takes alone: the many who tag do not wait for one another.
    """

    name = "50_mean"
    definer = True
    when = pgtrigger.Before
    operation = pgtrigger.Insert | pgtrigger.UpdateOf("name")

    def __init__(self, other: str, *, alone: bool = False, **kwargs: Any) -> None:
        self.other, self.alone = other, alone
        super().__init__(words="A spelling is a tag or another name of a tag, never both.", **kwargs)

    def get_func(self, model: Any) -> str:
        lock = "pg_advisory_xact_lock" if self.alone else "pg_advisory_xact_lock_shared"
        return f"""
PERFORM {lock}(hashtextextended('streams_tag spelling', 0));
IF EXISTS (SELECT FROM {self.other} o WHERE o.name = NEW.name) THEN
  RAISE EXCEPTION 'This spelling is a tag already, or another name of one.'
    USING ERRCODE = 'check_violation', CONSTRAINT = '{model._meta.db_table}_one_meaning', TABLE = TG_TABLE_NAME;
END IF;
RETURN NEW;"""


class KeepsStaffLabels(Trigger):
    """What staff said of a stream only moderators take back; the owner does when the stream itself goes."""

    name = "50_keep_staff_labels"
    words = "A label that staff set is changed and taken away by moderators alone."
    when = pgtrigger.Before
    operation = pgtrigger.Update | pgtrigger.Delete

    def get_func(self, model: Any) -> str:
        table = model._meta.db_table
        return f"""
IF OLD.source = 'staff'
  AND current_user NOT IN ('vbl_moderator', 'vbl_lead_moderator', 'vbl_owner', 'vbl_retention') THEN
  RAISE EXCEPTION 'A moderator set this label. Only moderators take it away.'
    USING ERRCODE = 'check_violation', CONSTRAINT = '{table}_staff', TABLE = TG_TABLE_NAME;
END IF;
IF TG_OP = 'DELETE' THEN
  RETURN OLD;
END IF;
RETURN NEW;"""
