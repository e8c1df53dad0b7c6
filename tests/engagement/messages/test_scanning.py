"""The port of the scanner: ClamAV's protocol against something that listens, and what a file is by its first bytes."""

import io
import socket
import threading

import pytest

from engagement.message_choices import AttachmentType
from engagement.scanning.clamav import CHUNK, ClamAV
from engagement.scanning.first_bytes import type_of
from engagement.scanning.port import FileTooLarge, ScannerUnavailable, configured_scanner
from tests.engagement.messages_data import EICAR, PNG, clamd


def test_what_is_clean_is_clean_and_every_byte_was_sent() -> None:
    content = PNG + bytes(range(256)) * 1000
    assert len(content) > 3 * CHUNK
    with clamd() as daemon:
        verdict = ClamAV(daemon.address).scan(io.BytesIO(content))
    assert daemon.received == [content]
    assert verdict.is_clean
    assert verdict.scanner == "ClamAV 1.4.2/27540/Thu Nov 26 08:00:00 2026"


def test_what_is_found_has_its_name() -> None:
    with clamd() as daemon:
        verdict = ClamAV(daemon.address).scan(io.BytesIO(b"before" + EICAR))
    assert (verdict.is_clean, verdict.found) == (False, "Eicar-Test-Signature")


def test_a_file_beyond_the_limit_of_the_scanner_is_too_large_for_good() -> None:
    with clamd() as daemon:
        daemon.largest = CHUNK
        with pytest.raises(FileTooLarge):
            ClamAV(daemon.address).scan(io.BytesIO(b"x" * 40 * CHUNK))


@pytest.mark.parametrize(
    "answer", ["stream: lstat() failed. ERROR", "", "stream: OKAY", "OK", "stream:  FOUND ERROR"]
)
def test_an_answer_that_is_none_is_no_verdict(answer: str) -> None:
    with clamd() as daemon:
        daemon.says = answer
        with pytest.raises(ScannerUnavailable):
            ClamAV(daemon.address).scan(io.BytesIO(PNG))


def test_nobody_listens() -> None:
    with socket.socket() as closed:
        closed.bind(("127.0.0.1", 0))
        address = f"127.0.0.1:{closed.getsockname()[1]}"
    with pytest.raises(ScannerUnavailable, match="does not answer"):
        ClamAV(address).scan(io.BytesIO(PNG))


def test_something_listens_and_says_nothing() -> None:
    with socket.socket() as silent:
        silent.bind(("127.0.0.1", 0))
        silent.listen()
        address = f"127.0.0.1:{silent.getsockname()[1]}"
        with pytest.raises(ScannerUnavailable, match="does not answer"):
            ClamAV(address, seconds=0.1).scan(io.BytesIO(PNG))


def test_something_else_listens() -> None:
    with socket.socket() as other:
        other.bind(("127.0.0.1", 0))
        other.listen()
        address = f"127.0.0.1:{other.getsockname()[1]}"

        def greet() -> None:
            link, _ = other.accept()
            link.sendall(b"220 mail.example ESMTP\0")
            link.close()

        thread = threading.Thread(target=greet)
        thread.start()
        with pytest.raises(ScannerUnavailable):
            ClamAV(address).scan(io.BytesIO(PNG))
        thread.join(timeout=10)


def test_without_an_address_there_is_no_scanner(settings: object) -> None:
    settings.CLAMAV_ADDRESS = ""  # type: ignore[attr-defined]
    with pytest.raises(ScannerUnavailable, match="CLAMAV_ADDRESS"):
        configured_scanner()
    settings.CLAMAV_ADDRESS = "127.0.0.1:3310"  # type: ignore[attr-defined]
    assert isinstance(configured_scanner(), ClamAV)


@pytest.mark.parametrize(
    ("head", "kind"),
    [
        (PNG, AttachmentType.PNG),
        (b"\xff\xd8\xff\xe0" + b"\0" * 12, AttachmentType.JPEG),
        (b"GIF89a" + b"\0" * 10, AttachmentType.GIF),
        (b"RIFF\0\0\0\0WEBPVP8 ", AttachmentType.WEBP),
        (b"\0\0\0\x18ftypisom\0\0\0\0", AttachmentType.MP4),
        (b"\x1a\x45\xdf\xa3" + b"\0" * 12, AttachmentType.WEBM),
        (b"<svg onload='alert(1)'/>", None),
        (b"<!doctype html>", None),
        (b"MZ\x90\0", None),
        (b"%PDF-1.7", None),
        (b"RIFF\0\0\0\0WAVE", None),
        (b"\0\0\0\x18ftypheic", None),
        (b"", None),
    ],
)
def test_a_file_is_what_its_first_bytes_say(head: bytes, kind: AttachmentType | None) -> None:
    assert type_of(head) == kind
