"""Lists whose rows are about subjects: the titles are read by kind, not by row."""

from uuid import UUID

from django.db.models import Model

from audit.admin.moderation.subjects import titles_of
from core.admin.keyset import Cursor, KeysetChangeList


class WithSubjects(KeysetChangeList):
    """The newest first; each row gets `subject_title`, the title of what it is about, in one query per kind."""

    def subject_key(self, row: Model) -> tuple[str, UUID]:
        """Kind and key of what a row is about."""
        return row.subject_kind, row.subject_id  # type: ignore[attr-defined]

    def _page(self, cursor: Cursor | None) -> tuple[list[Model], bool, bool]:
        rows, has_earlier, has_later = super()._page(cursor)
        titles = titles_of(self.subject_key(row) for row in rows)
        for row in rows:
            row.subject_title = titles[self.subject_key(row)]  # type: ignore[attr-defined]
        return rows, has_earlier, has_later


class WithSubjectsOfCases(WithSubjects):
    """The same for rows that belong to a case, read with it."""

    def subject_key(self, row: Model) -> tuple[str, UUID]:
        """Kind and key of what the case is about."""
        return row.case.subject_kind, row.case.subject_id  # type: ignore[attr-defined]
