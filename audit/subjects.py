"""What moderation is about: the kinds of subjects, and where each is found."""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from django.db import connection
from django.db.models import Model
from django.urls import NoReverseMatch, reverse

from accounts.models import User
from audit.moderation_choices import SubjectKind
from core.models.identity import uuid7_instant
from engagement.models import ChatMessage, ChatRoom, DirectMessage
from performers.models import PerformerProfile
from streams.models import Archive, Stream


@dataclass(frozen=True)
class Subject:
    """One kind of what can be reported.

    `words` complete "the ...". `person_field` is the column with the id of whose it is. `related` is fetched with
    the row for a page. `title` names a row in lists. What is private is read by no role of staff: its title and its age
    come from its key, its words from a copy that is opened for a reason (`audit.services.private_messages`).
    """

    kind: SubjectKind
    model: type[Model]
    words: str
    person_field: str
    title: Callable[[Any], str]
    related: tuple[str, ...] = ()
    is_private: bool = False

    @property
    def rows(self) -> Any:
        """Every row, deleted ones included: what is gone from the site can still be decided about."""
        manager = getattr(self.model, "all_objects", self.model._default_manager)
        return manager.select_related(*self.related) if self.related else manager.all()

    def load(self, subject_id: UUID) -> Any | None:
        """The row with all that a page shows of it, or None."""
        return self.rows.filter(pk=subject_id).first()

    def url(self, subject_id: UUID) -> str:
        """The page of the back office about it, or '' where the model has none."""
        try:
            return reverse(
                f"admin:{self.model._meta.app_label}_{self.model._meta.model_name}_change", args=[subject_id]
            )
        except NoReverseMatch:
            return ""


_subjects: dict[str, Subject] = {}


def register_subject(subject: Subject) -> Subject:
    """Add a kind. Raises ValueError for one that is known: its functions in the database know only one table."""
    if subject.kind in _subjects:
        raise ValueError(f"The subject {subject.kind!r} is described twice.")
    _subjects[subject.kind] = subject
    return subject


def subject_of(kind: str) -> Subject:
    """The description of a kind. Raises KeyError for a value that is none."""
    return _subjects[kind]


def subjects() -> Mapping[str, Subject]:
    """Every kind that is described."""
    return dict(_subjects)


def titles(keys: Iterable[tuple[str, UUID]]) -> dict[tuple[str, UUID], str]:
    """Names for many subjects at once: a query a kind, whatever their number."""
    wanted: dict[str, set[UUID]] = {}
    for kind, subject_id in keys:
        wanted.setdefault(kind, set()).add(subject_id)
    found: dict[tuple[str, UUID], str] = {}
    for kind, ids in wanted.items():
        subject = subject_of(kind)
        if subject.is_private:
            found |= {(kind, key): private_title(subject, key) for key in ids}
            continue
        for row in subject.rows.filter(pk__in=ids):
            found[kind, row.pk] = subject.title(row)
    return found


def private_title(subject: Subject, subject_id: UUID) -> str:
    """A name for what nobody reads: what it is, and when it was written."""
    return f"{subject.words} of {uuid7_instant(subject_id):%Y-%m-%d %H:%M} UTC"


def subject_person(kind: str, subject_id: UUID) -> UUID | None:
    """Whose it is, as the database says; None: no such thing."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT moderation_subject_person(%s, %s)", [kind, subject_id])
        (person,) = cursor.fetchone()
    return person


register_subject(Subject(SubjectKind.PERSON, User, "person", "id", str))
register_subject(Subject(SubjectKind.PROFILE, PerformerProfile, "profile", "user_id", str, ("user",)))
register_subject(Subject(SubjectKind.STREAM, Stream, "stream", "performer_id", str, ("performer__user",)))
register_subject(
    Subject(SubjectKind.ARCHIVE, Archive, "archive", "performer_id", str, ("performer__user", "stream"))
)
register_subject(
    Subject(
        SubjectKind.CHAT_MESSAGE,
        ChatMessage,
        "chat message",
        "sender_id",
        lambda row: row.body[:80],
        ("sender",),
    )
)
register_subject(
    Subject(SubjectKind.CHAT_ROOM, ChatRoom, "chat room", "performer_id", str, ("stream", "performer__user"))
)
register_subject(
    Subject(SubjectKind.DIRECT_MESSAGE, DirectMessage, "private message", "sender_id", str, is_private=True)
)
