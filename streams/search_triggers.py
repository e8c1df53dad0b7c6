"""Triggers that keep what search reads in step with streams and archives."""

from typing import Any

import pgtrigger

from core.db.triggers import Trigger

PUT = """
  INSERT INTO streams_searchdocument (id, kind, performer_id, language, title, stage_name, description)
  SELECT NEW.id, '{kind}', NEW.performer_id, {language}, NEW.title, p.stage_name, NEW.description
  FROM performers_performerprofile p{tables} WHERE p.id = NEW.performer_id{joined}
  ON CONFLICT (id) DO UPDATE SET language = excluded.language, title = excluded.title,
    stage_name = excluded.stage_name, description = excluded.description
  WHERE ROW(streams_searchdocument.language, streams_searchdocument.title, streams_searchdocument.stage_name,
      streams_searchdocument.description)
    IS DISTINCT FROM ROW(excluded.language, excluded.title, excluded.stage_name, excluded.description);"""


class KeepsSearchDocument(Trigger):
    """After a change that search would notice: the row's document is written, or goes when nobody may find the row.

    A sign of life is no such change: the trigger fires for the named columns alone.
    """

    name = "80_search"
    definer = True
    when = pgtrigger.After

    def __init__(self, kind: str, *, columns: tuple[str, ...], findable: str, **kwargs: Any) -> None:
        self.kind, self.findable = kind, findable
        super().__init__(
            words=f"Keeps the search document of the {kind}.",
            operation=pgtrigger.Insert | pgtrigger.Delete | pgtrigger.UpdateOf(*columns),
            **kwargs,
        )

    def get_func(self, model: Any) -> str:
        archive = self.kind == "archive"
        put = PUT.format(
            kind=self.kind,
            language="s.language" if archive else "NEW.language",
            tables=", streams_stream s" if archive else "",
            joined=" AND s.id = NEW.stream_id" if archive else "",
        )
        return f"""
IF TG_OP = 'DELETE' THEN
  DELETE FROM streams_searchdocument d WHERE d.id = OLD.id;
ELSIF {self.findable} THEN{put}
ELSE
  DELETE FROM streams_searchdocument d WHERE d.id = NEW.id;
END IF;
RETURN NULL;"""


STREAM_IS_SEARCHED = KeepsSearchDocument(
    "stream",
    columns=("title", "description", "language", "visibility", "status", "deleted_at"),
    findable=(
        "NEW.visibility = 'public' AND NEW.deleted_at IS NULL "
        "AND NEW.status IN ('scheduled', 'starting', 'live', 'interrupted')"
    ),
)
ARCHIVE_IS_SEARCHED = KeepsSearchDocument(
    "archive",
    columns=("title", "description", "visibility", "status", "published_at", "deleted_at"),
    findable=(
        "NEW.visibility = 'public' AND NEW.deleted_at IS NULL AND NEW.status = 'approved' "
        "AND NEW.published_at IS NOT NULL"
    ),
)
