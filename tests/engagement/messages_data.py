"""People who write to one another, by way of the services, and a scanner that listens on a socket."""

import hashlib
import socketserver
import struct
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import timedelta
from typing import Any
from uuid import UUID

from django.core.files.base import ContentFile
from django.core.files.storage import Storage
from django.utils import timezone

from accounts.models import User
from core.db.context import acting
from core.db.roles import Role
from core.models.identity import uuid7_derived
from engagement.models import Attachment, Conversation, DirectMessage
from engagement.scanning.port import Verdict
from engagement.services.attachment_scans import attachment_scan_run
from engagement.services.attachments import attachment_register
from engagement.services.conversations import conversation_accept, conversation_open
from engagement.services.direct_messages import direct_message_send
from tests.accounts.factories import UserFactory

PNG = b"\x89PNG\r\n\x1a\n" + b"\0" * 40
EICAR = b"X5O!P%@AP[4\\PZX54(P^)7CC)7}$EICAR-STANDARD-ANTIVIRUS-TEST-FILE!$H+H*"


def as_person(user: User, role: Role = Role.VIEWER) -> Any:
    """Acting as somebody of the public site."""
    return acting(role, user_id=user.pk)


def opened(one: User | None = None, other: User | None = None) -> Conversation:
    """A conversation that `one` opened; the other one has not answered."""
    one, other = one or UserFactory(), other or UserFactory()
    with as_person(one):
        return conversation_open(with_id=other.pk, actor=one)


def accepted(one: User | None = None, other: User | None = None) -> Conversation:
    """A conversation that both have accepted."""
    one, other = one or UserFactory(), other or UserFactory()
    conversation = opened(one, other)
    with as_person(other):
        conversation_accept(conversation_id=conversation.pk, actor=other)
    return conversation


def write(conversation: Conversation, sender: User, body: str = "Hello", **options: Any) -> DirectMessage:
    """A message, by the service."""
    with as_person(sender):
        return direct_message_send(conversation_id=conversation.pk, sender=sender, body=body, **options)


class Says:
    """A scanner of the port that says what it is told to say."""

    def __init__(self, found: str = "") -> None:
        self.found, self.read = found, b""

    def scan(self, content: Any) -> Verdict:
        """Read everything, and say it."""
        self.read = content.read()
        return Verdict(self.found, "ClamAV 1.4.2/27540")


def uploaded(
    uploader: User, files: Storage, content: bytes = PNG, media_type: str = "image/png"
) -> Attachment:
    """A file that was registered and lies in the store; not scanned yet."""
    with as_person(uploader):
        attachment = attachment_register(
            uploader=uploader,
            media_type=media_type,
            size_bytes=len(content),
            sha256=hashlib.sha256(content).digest(),
        )
    files.save(attachment.object_key, ContentFile(content))
    return attachment


def scanned(uploader: User, files: Storage, found: str = "", **options: Any) -> Attachment:
    """A file about which the scanner has said something."""
    attachment = uploaded(uploader, files, **options)
    attachment_scan_run(attachment_id=attachment.pk, scanner=Says(found))
    with acting(Role.OWNER):
        return Attachment.objects.get(pk=attachment.pk)


def of_the_past(uploader: User, files: Storage, *, days: int) -> Attachment:
    """A file that was uploaded so long ago and never sent; written by the owner, as no person can."""
    key = uuid7_derived(timezone.now() - timedelta(days=days), str(uploader.pk), str(len(PNG)))
    with acting(Role.OWNER):
        attachment = Attachment.objects.create(
            id=key,
            uploader=uploader,
            object_key=f"people/{uploader.pk}/attachments/{key}",
            media_type="image/png",
            size_bytes=len(PNG),
            sha256=hashlib.sha256(PNG).digest(),
        )
    files.save(attachment.object_key, ContentFile(PNG))
    return attachment


class Daemon(socketserver.ThreadingTCPServer):
    """What answers as clamd does: it reads the stream as it is sent, and knows one sign of evil."""

    allow_reuse_address = True
    daemon_threads = True
    largest = 1_000_000
    says: str | None = None

    def __init__(self) -> None:
        super().__init__(("127.0.0.1", 0), Answer)
        self.received: list[bytes] = []

    @property
    def address(self) -> str:
        """Where it listens."""
        host, port = self.server_address[:2]
        return f"{host!s}:{port}"


class Answer(socketserver.StreamRequestHandler):
    """One connection: one command, its content, one answer."""

    server: Daemon

    def handle(self) -> None:
        """Read a command that ends with NUL, and answer it."""
        command = b""
        while not command.endswith(b"\0"):
            command += self.rfile.read(1)
        self.wfile.write(self._answer(command).encode() + b"\0")

    def _answer(self, command: bytes) -> str:
        if command == b"zVERSION\0":
            return "ClamAV 1.4.2/27540/Thu Nov 26 08:00:00 2026"
        if command != b"zINSTREAM\0":
            return "UNKNOWN COMMAND"
        content = b""
        while length := struct.unpack("!L", self.rfile.read(4))[0]:
            content += self.rfile.read(length)
            if len(content) > self.server.largest:
                return "INSTREAM size limit exceeded. ERROR"
        self.server.received.append(content)
        if self.server.says is not None:
            return self.server.says
        return "stream: Eicar-Test-Signature FOUND" if EICAR in content else "stream: OK"


@contextmanager
def clamd() -> Iterator[Daemon]:
    """The daemon, while it listens."""
    with Daemon() as daemon:
        thread = threading.Thread(target=daemon.serve_forever, kwargs={"poll_interval": 0.02})
        thread.start()
        try:
            yield daemon
        finally:
            daemon.shutdown()
            thread.join(timeout=10)


def member_id(conversation: Conversation, person: User) -> UUID:
    """The key of somebody's place in a conversation."""
    with acting(Role.OWNER):
        return conversation.members.get(person=person).pk  # type: ignore[no-any-return]
