"""ClamAV by the protocol of clamd: `INSTREAM`, as in clamd(8).

A command begins with `z` and ends with NUL. The content follows in chunks, each preceded by its length as four bytes in
network order; a chunk of length zero ends it. The answer is `stream: OK`, `stream: <name> FOUND` or a line that ends
with `ERROR`, and ends with NUL.
"""

import socket
import struct
from contextlib import closing
from typing import BinaryIO

from engagement.scanning.port import FileTooLarge, ScannerUnavailable, Verdict

CHUNK = 64 * 1024
LONGEST_ANSWER = 4096
LONGEST_NAME = 200


class ClamAV:
    """The daemon at `address`: `HOST:PORT`, or the path of its socket. `seconds` is how long any answer may take."""

    def __init__(self, address: str, *, seconds: float = 60) -> None:
        self.address, self.seconds = address, seconds

    def scan(self, content: BinaryIO) -> Verdict:
        """Send the content and read the verdict. Raises ScannerUnavailable, FileTooLarge."""
        scanner = self.version()
        answer = self._ask(b"zINSTREAM\0", content)
        words = answer.removeprefix("stream: ")
        if answer == "stream: OK":
            return Verdict("", scanner)
        if answer.startswith("stream: ") and words.endswith(" FOUND"):
            return Verdict(words.removesuffix(" FOUND")[:LONGEST_NAME], scanner)
        if "size limit exceeded" in answer:
            raise FileTooLarge(answer)
        raise ScannerUnavailable(f"The scanner answered {answer!r}.")

    def version(self) -> str:
        """The scanner with the version of its signatures: `ClamAV 1.4.2/27540/Thu Nov 26 08:00:00 2026`."""
        answer = self._ask(b"zVERSION\0")
        if not answer.startswith("ClamAV"):
            raise ScannerUnavailable(f"What answers at {self.address} is no ClamAV: {answer!r}.")
        return answer[:LONGEST_NAME]

    def _ask(self, command: bytes, content: BinaryIO | None = None) -> str:
        try:
            with closing(self._connect()) as link:
                try:
                    link.sendall(command)
                    if content is not None:
                        while chunk := content.read(CHUNK):
                            link.sendall(struct.pack("!L", len(chunk)) + chunk)
                        link.sendall(struct.pack("!L", 0))
                except (BrokenPipeError, ConnectionResetError):
                    # Beyond its limit of size clamd answers and hangs up while the content still comes.
                    return self._answer(link)
                return self._answer(link)
        except OSError as error:
            raise ScannerUnavailable(f"The scanner at {self.address} does not answer: {error}") from error

    def _connect(self) -> socket.socket:
        if self.address.startswith("/"):
            link = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
            link.settimeout(self.seconds)
            link.connect(self.address)
            return link
        host, _, port = self.address.rpartition(":")
        return socket.create_connection((host.strip("[]"), int(port)), timeout=self.seconds)

    @staticmethod
    def _answer(link: socket.socket) -> str:
        received = b""
        while not received.endswith(b"\0"):
            part = link.recv(LONGEST_ANSWER)
            if not part:
                break
            received += part
            if len(received) > LONGEST_ANSWER:
                raise ScannerUnavailable("The scanner does not stop answering.")
        return received.rstrip(b"\0\n").decode("utf-8", "replace")
