"""The head of the chain as it is kept elsewhere: whoever has it notices when the end of the chain is cut off."""

import json
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from audit.errors import HeadMalformed, NeverSealed
from audit.models import Seal

FORMAT = "versbottomlex audit head 1"


@dataclass(frozen=True)
class Head:
    """Number, head and signature of a seal, as they once were."""

    number: int
    head: bytes
    signature: bytes
    key_number: int

    def as_json(self) -> dict[str, Any]:
        """What is kept of it, as `head_parsed` reads it."""
        return {
            "format": FORMAT,
            "number": self.number,
            "head": self.head.hex(),
            "signature": self.signature.hex(),
            "key_number": self.key_number,
        }


def head_json(seal: Seal | None) -> dict[str, Any]:
    """What `audit_head` prints of the latest seal. Raises NeverSealed without one."""
    if seal is None:
        raise NeverSealed("The trail was never sealed: run audit_seal first.")
    return {
        "format": FORMAT,
        "number": seal.number,
        "head": bytes(seal.head).hex(),
        "signature": bytes(seal.signature).hex(),
        "key_number": seal.key_number,
        "sealed_at": seal.sealed_at.isoformat(),
        "epoch": seal.epoch,
    }


def head_of(path: Path) -> Head:
    """The head in a file. Raises HeadMalformed with what is wrong with it."""
    try:
        text = path.read_text(encoding="utf-8")
    except OSError as error:
        raise HeadMalformed(f"{path} cannot be read: {error.strerror}.") from None
    except ValueError:
        raise HeadMalformed(f"{path} is no JSON: give the file that audit_head printed.") from None
    return head_parsed(text, source=str(path))


def head_parsed(held: Any, *, source: str = "What was given") -> Head:
    """The head in what `audit_head` printed, as text or as parsed; `source` names it in refusals.

    Raises HeadMalformed with what is wrong with it.
    """
    if isinstance(held, str):
        try:
            held = json.loads(held)
        except ValueError:
            raise HeadMalformed(f"{source} is no JSON: give the file that audit_head printed.") from None
    if not isinstance(held, dict) or held.get("format") != FORMAT:
        raise HeadMalformed(f'{source} is no head of the trail: its "format" is to be "{FORMAT}".')
    try:
        found = Head(
            number=held["number"],
            head=bytes.fromhex(held["head"]),
            signature=bytes.fromhex(held["signature"]),
            key_number=held["key_number"],
        )
    except (KeyError, TypeError, ValueError):
        raise HeadMalformed(
            f"{source} is damaged: number, head, signature or key_number is missing."
        ) from None
    numbers = (found.number, found.key_number)
    if not all(type(number) is int and number > 0 for number in numbers) or len(found.head) != 32:
        raise HeadMalformed(
            f"{source} is damaged: number, head or key_number is not what audit_head printed."
        )
    return found
