"""Triggers of what hangs on an archive: whose it is, what viewers may see of it, and that it lies within."""

from typing import Any

import pgtrigger

from core.db.triggers import Trigger

CHILDREN = ("streams_archivechapter", "streams_captiontrack", "streams_mutedsegment", "streams_clip")
"""Tables that carry `shown_from` of their archive."""


def shown_from(row: str) -> str:
    """SQL: from when on viewers may see the archive in `row`, null if never."""
    return (
        f"(CASE WHEN {row}.status = 'approved' AND {row}.visibility <> 'private' AND {row}.deleted_at IS NULL "
        f"THEN {row}.published_at END)"
    )


class TakesFromArchive(Trigger):
    """Sets `performer_id` and `shown_from` of a child from its archive, so that no policy has to ask another table."""

    name = "15_take_archive"
    words = (
        "Takes the performer and what viewers may see from the row's archive, whatever the statement says."
    )
    definer = True
    when = pgtrigger.Before
    operation = pgtrigger.Insert

    def get_func(self, model: Any) -> str:
        return f"""
SELECT a.performer_id, {shown_from("a")} INTO NEW.performer_id, NEW.shown_from
FROM streams_archive a WHERE a.id = NEW.archive_id FOR SHARE;
RETURN NEW;"""


class ShowsChildren(Trigger):
    """Keeps `shown_from` of chapters, captions, muted parts and clips equal to that of their archive."""

    name = "80_show_children"
    words = "Tells what hangs on an archive from when on viewers may see it."
    definer = True
    when = pgtrigger.After
    operation = pgtrigger.UpdateOf("status", "visibility", "deleted_at", "published_at")

    def get_func(self, model: Any) -> str:
        updates = "\n".join(
            f"  UPDATE {table} c SET shown_from = {shown_from('NEW')} WHERE c.archive_id = NEW.id;"
            for table in CHILDREN
        )
        return f"""
IF {shown_from("NEW")} IS DISTINCT FROM {shown_from("OLD")} THEN
{updates}
END IF;
RETURN NULL;"""


class WithinArchive(Trigger):
    """Refuses a position or range that leaves its archive; `last` is the SQL of the last second it needs."""

    name = "50_stay_within"
    definer = True
    when = pgtrigger.Before
    operation = pgtrigger.Insert | pgtrigger.Update

    def __init__(self, last: str, **kwargs: Any) -> None:
        self.last = last
        super().__init__(words="Refuses what lies beyond the end of its archive.", **kwargs)

    def get_declare(self, model: Any) -> list[tuple[str, str]]:
        return [("length", "integer")]

    def get_func(self, model: Any) -> str:
        return f"""
SELECT a.duration_seconds INTO length FROM streams_archive a WHERE a.id = NEW.archive_id;
IF length IS NULL THEN
  RAISE EXCEPTION 'The length of this archive is not known yet; nothing can be placed in it.'
    USING ERRCODE = 'check_violation', CONSTRAINT = '{model._meta.db_table}_within_archive', TABLE = TG_TABLE_NAME;
END IF;
IF {self.last} > length THEN
  RAISE EXCEPTION 'This lies beyond the end of the archive, which is % seconds long.', length
    USING ERRCODE = 'check_violation', CONSTRAINT = '{model._meta.db_table}_within_archive', TABLE = TG_TABLE_NAME;
END IF;
RETURN NEW;"""


class SeenWhenClipped(Trigger):
    """A clip is made of what its author may see: an archive that is shown, or one's own."""

    name = "17_see"
    words = "Refuses a clip of an archive that its author cannot see."
    definer = True
    when = pgtrigger.Before
    operation = pgtrigger.Insert

    def get_func(self, model: Any) -> str:
        return """
IF NEW.author_id IS DISTINCT FROM NEW.performer_id
  AND (NEW.shown_from IS NULL OR NEW.shown_from > statement_timestamp()) THEN
  RAISE EXCEPTION 'There is no such archive to clip.'
    USING ERRCODE = 'check_violation', CONSTRAINT = 'streams_clip_seen', TABLE = TG_TABLE_NAME;
END IF;
RETURN NEW;"""
