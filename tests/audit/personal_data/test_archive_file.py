"""The file in which an archive lies: it opens whole and unchanged, or not at all."""

import io
from uuid import UUID, uuid4

import pytest
from hypothesis import given
from hypothesis import strategies as st

from audit.archive_errors import ArchiveTampered
from audit.personal_data.container import CHUNK, MAGIC, TAG, Encrypting, decrypted, digest_of, new_key

ABOUT = UUID(int=7)


def stored(content: bytes, key: bytes, about: UUID = ABOUT) -> bytes:
    target = io.BytesIO()
    file = Encrypting(target, key, about)
    for start in range(0, len(content), 1000):
        file.write(content[start : start + 1000])
    file.finish()
    assert file.stored.digest() == digest_of(io.BytesIO(target.getvalue()))
    assert (file.content_bytes, file.stored_bytes) == (len(content), len(target.getvalue()))
    return target.getvalue()


def read(file: bytes, key: bytes, about: UUID = ABOUT) -> bytes:
    return b"".join(decrypted(lambda: io.BytesIO(file), key, about))


@given(st.sampled_from([0, 1, CHUNK - 1, CHUNK, CHUNK + 1, 3 * CHUNK, 3 * CHUNK + 17]))
def test_what_is_written_is_read(size: int) -> None:
    key, content = new_key(), bytes(index % 251 for index in range(size))
    file = stored(content, key)
    assert read(file, key) == content
    assert size < 16 or content[:16] not in file


KEY = bytes(range(32))
WHOLE = stored(bytes(2 * CHUNK + 5), KEY)


@given(st.integers(0, len(WHOLE) - 1), st.integers(1, 255))
def test_a_changed_byte_is_noticed(place: int, change: int) -> None:
    file = bytearray(WHOLE)
    file[place] ^= change
    with pytest.raises(ArchiveTampered):
        read(bytes(file), KEY)


PIECE = CHUNK + TAG


@pytest.mark.parametrize(
    "file",
    [
        b"",
        MAGIC,
        WHOLE[:-1],
        WHOLE[: len(MAGIC) + PIECE],
        WHOLE[: len(MAGIC) + 2 * PIECE],
        WHOLE + b"more",
        MAGIC + WHOLE[len(MAGIC) + PIECE : len(MAGIC) + 2 * PIECE] + WHOLE[len(MAGIC) + PIECE :],
        MAGIC + WHOLE[len(MAGIC) + PIECE :],
    ],
    ids=[
        "empty",
        "header alone",
        "cut",
        "one chunk",
        "two chunks",
        "longer",
        "a chunk twice",
        "first left out",
    ],
)
def test_a_file_that_is_not_whole_does_not_open(file: bytes) -> None:
    with pytest.raises(ArchiveTampered):
        read(file, KEY)


def test_another_key_or_another_archive_does_not_open_it() -> None:
    with pytest.raises(ArchiveTampered):
        read(WHOLE, new_key())
    with pytest.raises(ArchiveTampered):
        read(WHOLE, KEY, uuid4())
