"""Who moderates and who is a VIP in whose rooms: forty channels (Twitch analytics demo of Memgraph, MIT)."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import partial
from pathlib import Path
from uuid import UUID

from accounts.services.users import NewUser, users_import
from core.datasets.files import Row, rows_of
from core.datasets.registry import BrokenRow, Dataset, ReadRow, register
from core.models.identity import uuid7_derived
from engagement.chat_choices import RoomRoleKind
from engagement.services.room_roles import PastRole, room_roles_import
from performers.services.imports import NewPerformer, performers_import

SET = "community"
COLLECTED = datetime(2021, 1, 1, tzinfo=UTC)
"""The source dates channels and not roles; a fixed beginning keeps ids the same in every run."""

CHANNEL_COLUMNS = ("channel", "game_name", "language", "followers", "view_count", "created_at")
ROLES = (
    ("moderators.csv.gz", ("channel", "moderator_pseudonym"), RoomRoleKind.MODERATOR),
    ("vips.csv.gz", ("channel", "vip_pseudonym"), RoomRoleKind.VIP),
)


@dataclass(frozen=True)
class Channel:
    """A channel, which is a performer here."""

    name: str
    language: str
    joined_at: datetime

    @property
    def id(self) -> UUID:
        """The person and the performer."""
        return _person_id(self.name)


@dataclass(frozen=True)
class Member:
    """Somebody who is something in a channel."""

    channel: str
    pseudonym: str
    kind: RoomRoleKind


def _person_id(name: str) -> UUID:
    return uuid7_derived(COLLECTED, SET, name)


def channel_of(row: Row) -> Channel:
    """The channel of a row. Raises ValueError with a sentence."""
    if not row["channel"].startswith("channel_"):
        raise ValueError(f"channel {row['channel'][:40]!r} is no channel_00")
    joined = datetime.fromisoformat(row["created_at"]).replace(tzinfo=UTC)
    return Channel(row["channel"], row["language"][:2].lower(), joined)


def member_of(column: str, kind: RoomRoleKind, row: Row) -> Member:
    """The role of a row. Raises ValueError with a sentence."""
    if not row[column].startswith("u_"):
        raise ValueError(f"{column} {row[column][:40]!r} is no pseudonym")
    return Member(row["channel"], row[column], kind)


def read_community(path: Path) -> Iterator[ReadRow | BrokenRow]:
    """Channels, then those who are something there; who is named in no channel is a broken row.

    Raises `DatasetRefused`.
    """
    channels = set()
    for row in rows_of(path / "channels.csv.gz", CHANNEL_COLUMNS, channel_of):
        if isinstance(row, ReadRow):
            channels.add(row.value.name)
        yield row
    for file, columns, kind in ROLES:
        for row in rows_of(path / file, columns, partial(member_of, columns[1], kind)):
            if isinstance(row, ReadRow) and row.value.channel not in channels:
                yield BrokenRow(row.file, row.line, f"there is no channel {row.value.channel}")
                continue
            yield row


def _write(values: list[Channel | Member]) -> int:
    channels = [value for value in values if isinstance(value, Channel)]
    members = [value for value in values if isinstance(value, Member)]
    users_import(
        people=[
            *(NewUser(id=found.id, handle=found.name, signed_up_at=found.joined_at) for found in channels),
            *(
                NewUser(id=_person_id(name), handle=name, signed_up_at=COLLECTED)
                for name in sorted({member.pseudonym for member in members})
            ),
        ]
    )
    new = performers_import(
        performers=[
            NewPerformer(
                person_id=found.id,
                stage_name=f"Community {found.name.removeprefix('channel_')}",
                joined_at=found.joined_at,
                language=found.language,
                is_verified=True,
            )
            for found in channels
        ]
    )
    return new + room_roles_import(
        roles=[
            PastRole(
                id=uuid7_derived(COLLECTED, SET, member.channel, member.pseudonym, member.kind),
                performer_id=_person_id(member.channel),
                person_id=_person_id(member.pseudonym),
                kind=member.kind,
                since=COLLECTED,
            )
            for member in members
        ]
    )


register(
    Dataset(
        name=SET,
        words="40 channels as performers, with their 329 moderators and 187 VIPs",
        read=read_community,
        write=_write,
    )
)
