"""The manifest of a file: what it holds, from where, and how it is proven. JSON beside the file.

Whoever has a file and its manifest can read it for decades: columns with their types, the count, the span of ids, the
digests, the version of the schema. No personal data and no key is in it.
"""

import hashlib
import json
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from datetime import datetime
from pathlib import Path
from typing import Any
from uuid import UUID

from core.archive.columns import Column
from core.archive.errors import ArchiveChanged, PartitionArchiveRefused

FORMAT = 1
SUFFIX = ".json"
CHUNK = 1024 * 1024


@dataclass(frozen=True)
class Manifest:
    """What a file holds. `lower_id` is the smallest id that may be in it, `upper_id` the smallest after those.

    `rows_sha256`: SHA-256 over the rows in the order of their ids, each as a JSON array of its plain columns as
    PostgreSQL spells them, and a newline. `schema_version`: the last migration of the app. `protected` names the
    columns that are encrypted in the column `protected`, in this order; `left_out` those that are in no file.
    """

    archive_id: UUID
    database: str
    app: str
    table: str
    partition: str
    lower_id: UUID
    upper_id: UUID
    first_id: UUID | None
    last_id: UUID | None
    rows: int
    rows_sha256: str
    schema_version: str
    columns: tuple[Column, ...]
    protected: tuple[str, ...]
    left_out: tuple[str, ...]
    file: str
    file_bytes: int
    file_sha256: str
    written_at: datetime
    format: int = FORMAT

    def to_bytes(self) -> bytes:
        """As it lies beside the file."""
        content = asdict(self) | {"columns": [column.as_mapping() for column in self.columns]}
        return json.dumps(content, indent=1, default=_plain, ensure_ascii=False).encode() + b"\n"

    @classmethod
    def from_bytes(cls, content: bytes, name: str) -> "Manifest":
        """Read one. Raises ArchiveChanged for what is no manifest, PartitionArchiveRefused for another format."""
        try:
            found: Any = json.loads(content)
            if found["format"] != FORMAT:
                raise PartitionArchiveRefused(
                    f"{name} has format {found['format']!r}; this release reads {FORMAT}."
                )
            return cls(**_typed(found))
        except (ValueError, TypeError, KeyError, AttributeError) as error:
            raise ArchiveChanged(f"{name} is no manifest of the archive: {error}") from error


def _plain(value: Any) -> str:
    if isinstance(value, UUID):
        return str(value)
    if isinstance(value, datetime):
        return value.isoformat()
    raise TypeError(f"{value!r} has no place in a manifest.")


def _typed(found: Mapping[str, Any]) -> dict[str, Any]:
    ids = ("archive_id", "lower_id", "upper_id", "first_id", "last_id")
    columns = tuple(Column(one["name"], one["type"], one["generated"]) for one in found["columns"])
    return {
        **found,
        **{name: UUID(found[name]) if found[name] is not None else None for name in ids},
        "columns": columns,
        "protected": tuple(found["protected"]),
        "left_out": tuple(found["left_out"]),
        "written_at": datetime.fromisoformat(found["written_at"]),
    }


def sha256_of(path: Path) -> str:
    """The SHA-256 of a file, in hexadecimal digits."""
    digest = hashlib.sha256()
    with path.open("rb") as file:
        while chunk := file.read(CHUNK):
            digest.update(chunk)
    return digest.hexdigest()
