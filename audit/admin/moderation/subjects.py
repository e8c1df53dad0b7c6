"""What cases are about, as staff see it: titles for lists, the subject as it is at this moment for the page."""

from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Any
from uuid import UUID

from accounts.models import User
from audit.moderation_choices import SubjectKind
from audit.subjects import private_title, subject_of, titles
from engagement.models import ChatMessage, ChatRoom
from performers.models import PerformerProfile
from streams.models import Archive, Stream

GONE = "no longer there"
PRIVATE = [("Who reads it", "Its two people alone. What was copied when it was reported stands below.")]


@dataclass
class SubjectNow:
    """A subject as it is at this moment: lines of words and facts, in order."""

    kind: SubjectKind
    title: str
    url: str
    facts: list[tuple[str, Any]] = field(default_factory=list)
    is_there: bool = True


def titles_of(subjects: Iterable[tuple[str, UUID]]) -> dict[tuple[str, UUID], str]:
    """The title of each subject, in one query per kind; words for what is gone."""
    wanted = list(subjects)
    return dict.fromkeys(wanted, GONE) | titles(wanted)


def subject_now(kind: str, identity: UUID) -> SubjectNow:
    """The subject as it is, in one query; says so where it is gone."""
    subject, label = subject_of(kind), SubjectKind(kind)
    if subject.is_private:
        return SubjectNow(label, private_title(subject, identity), "", PRIVATE)
    row = subject.load(identity)
    if row is None:
        return SubjectNow(label, GONE, "", is_there=False)
    facts = [(words, value) for words, value in FACTS[kind](row) if value not in (None, "")]
    return SubjectNow(label, subject.title(row), subject.url(identity), facts)


def _person(user: User) -> list[tuple[str, Any]]:
    return [
        ("Status", user.get_status_display()),
        ("Signed up", f"{user.signed_up_at:%Y-%m-%d}" if user.signed_up_at else ""),
        ("Last seen", f"{user.last_seen_at:%Y-%m-%d %H:%M} UTC" if user.last_seen_at else "never"),
        ("Country", user.country),
    ]


def _profile(profile: PerformerProfile) -> list[tuple[str, Any]]:
    return [
        ("Status", profile.get_status_display()),
        ("Handle", str(profile.user)),
        ("Headline", profile.headline),
        ("Biography", profile.biography),
        ("Pronouns", profile.pronouns),
        ("Location shown", profile.displayed_location),
    ]


def _stream(stream: Stream) -> list[tuple[str, Any]]:
    return [
        ("Status", "Deleted" if stream.deleted_at else stream.get_status_display()),
        ("Performer", str(stream.performer)),
        ("Visibility", stream.get_visibility_display()),
        ("Description", stream.description),
        ("Began", f"{stream.started_at:%Y-%m-%d %H:%M} UTC" if stream.started_at else ""),
        ("Ended", f"{stream.ended_at:%Y-%m-%d %H:%M} UTC" if stream.ended_at else ""),
    ]


def _archive(archive: Archive) -> list[tuple[str, Any]]:
    state = (
        "Purged" if archive.purged_at else "Deleted" if archive.deleted_at else archive.get_status_display()
    )
    return [
        ("Status", state),
        ("Performer", str(archive.performer)),
        ("Stream", archive.stream.title),
        ("Visibility", archive.get_visibility_display()),
        ("Description", archive.description),
        ("Published", f"{archive.published_at:%Y-%m-%d %H:%M} UTC" if archive.published_at else "not yet"),
    ]


def _chat_message(message: ChatMessage) -> list[tuple[str, Any]]:
    return [
        ("Status", message.get_status_display()),
        ("Written by", str(message.sender) if message.sender else "the system"),
        ("Kind", message.get_kind_display()),
        ("Words", message.body),
        ("Written", f"{message.created_at:%Y-%m-%d %H:%M:%S} UTC"),
    ]


def _chat_room(room: ChatRoom) -> list[tuple[str, Any]]:
    return [
        ("Status", "Hidden" if room.hidden_at else room.get_status_display()),
        ("Performer", str(room.performer)),
        ("Stream", room.stream.title),
    ]


FACTS: dict[str, Any] = {
    SubjectKind.PERSON: _person,
    SubjectKind.PROFILE: _profile,
    SubjectKind.STREAM: _stream,
    SubjectKind.ARCHIVE: _archive,
    SubjectKind.CHAT_MESSAGE: _chat_message,
    SubjectKind.CHAT_ROOM: _chat_room,
}
