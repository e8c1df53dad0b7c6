"""Keys: made whole, never replaced, named when they are missing or spoilt."""

import threading

import pytest

from core.encryption.errors import KeyExists, KeyMalformed, KeyMissing
from core.encryption.generation import MAKERS, generate, generate_missing
from core.encryption.ring import KeyKind, KeyRing, file_name, ring


@pytest.fixture
def held(tmp_path):
    return KeyRing(tmp_path / "keys")


def test_a_made_key_is_held_under_the_next_number_and_readable_by_its_owner_alone(held):
    (first,) = generate(held.directory, KeyKind.DATA)
    (second,) = generate(held.directory, KeyKind.DATA)
    assert [first.name, second.name] == ["data_1.key", "data_2.key"]
    assert held.numbers(KeyKind.DATA) == (1, 2)
    assert first.stat().st_mode & 0o077 == 0
    assert len(held.secret(KeyKind.DATA, 1)) == 32
    assert held.secret(KeyKind.DATA, 1) != held.secret(KeyKind.DATA, 2)


def test_a_key_is_never_replaced(held):
    (path,) = generate(held.directory, KeyKind.DATA, 3)
    before = path.read_bytes()
    with pytest.raises(KeyExists, match="data_3.key exists already"):
        generate(held.directory, KeyKind.DATA, 3)
    assert path.read_bytes() == before


def test_the_next_number_follows_a_public_half_whose_private_one_is_kept_elsewhere(held):
    _, private = generate(held.directory, KeyKind.SIGNING)
    private.unlink()
    generate(held.directory, KeyKind.SIGNING)
    assert held.numbers(KeyKind.SIGNING) == (1, 2)
    assert held.numbers(KeyKind.SIGNING, private=True) == (2,)


def test_a_missing_key_is_named(held):
    with pytest.raises(KeyMissing, match="holds no data_7.key"):
        held.secret(KeyKind.DATA, 7)
    generate(held.directory, KeyKind.SIGNING)[1].unlink()
    with pytest.raises(KeyMissing, match="holds no signing_1.private.pem"):
        held.private_key(KeyKind.SIGNING, 1)


@pytest.mark.parametrize("text", ["", "short", "not Base64!", "AAAA" * 20, "é" * 44])
def test_a_spoilt_key_is_named_and_its_text_is_not_shown(held, text):
    held.directory.mkdir()
    (held.directory / "data_1.key").write_text(text, encoding="utf-8")
    with pytest.raises(KeyMalformed, match=r"data_1\.key") as refusal:
        held.secret(KeyKind.DATA, 1)
    assert not text or text not in str(refusal.value)


@pytest.mark.parametrize("number", [0, 256, -1])
def test_a_number_fits_a_byte(number):
    with pytest.raises(ValueError, match="from 1 to 255"):
        file_name(KeyKind.DATA, number)


def test_files_of_no_key_are_left_alone(held):
    held.directory.mkdir()
    for name in ("data_0.key", "data_256.key", "data_01.key", "data_1.key.bak", "notes.txt"):
        (held.directory / name).write_text("x")
    assert held.numbers(KeyKind.DATA) == ()


def test_the_representation_of_a_ring_shows_no_key(held):
    generate(held.directory, KeyKind.DATA)
    held.secret(KeyKind.DATA, 1)
    assert (held.directory / "data_1.key").read_text().strip() not in repr(held)


def test_processes_that_begin_at_once_make_one_key_of_each_kind(held):
    threads = [threading.Thread(target=generate_missing, args=[held.directory]) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert {kind: held.numbers(kind) for kind in MAKERS} == dict.fromkeys(MAKERS, (1,))
    assert not list(held.directory.glob(".draft-*"))


def test_the_tests_hold_every_kind_of_key():
    assert all(ring().numbers(kind) for kind in MAKERS)
