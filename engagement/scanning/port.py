"""What is asked of a scanner, whichever it is."""

from dataclasses import dataclass
from typing import BinaryIO, Protocol

from django.conf import settings


class ScannerUnavailable(Exception):
    """Nothing answers, or not as agreed: nothing is known of the file, so it stays where it is."""


class FileTooLarge(Exception):
    """The scanner takes no file of this size, now or later."""


@dataclass(frozen=True)
class Verdict:
    """What a scanner said: the name of what it found, empty for nothing, and who says so."""

    found: str
    scanner: str

    @property
    def is_clean(self) -> bool:
        """Whether nothing was found."""
        return not self.found


class Scanner(Protocol):
    """Looks at the bytes of a file."""

    def scan(self, content: BinaryIO) -> Verdict:
        """Read `content` to its end and say what is in it. Raises ScannerUnavailable, FileTooLarge."""


def configured_scanner() -> Scanner:
    """The scanner of this installation. Raises ScannerUnavailable where there is none: then nothing is served."""
    from engagement.scanning.clamav import ClamAV

    address = settings.CLAMAV_ADDRESS
    if not address:
        raise ScannerUnavailable(
            "This installation has no scanner: set CLAMAV_ADDRESS to HOST:PORT or to the path of a socket."
        )
    return ClamAV(address)
