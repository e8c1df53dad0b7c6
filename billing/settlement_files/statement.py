"""What every settlement file says, whoever wrote it: balances and lines, in minor units as seen from our side."""

import datetime as dt
import re
from dataclasses import dataclass, field
from decimal import Decimal, InvalidOperation

from billing.errors import SettlementFileRefused
from billing.models.currency import LARGEST_AMOUNT
from billing.models.settlement_file import MOST_LINES
from billing.money import exponent_of
from billing.reconciliation_choices import SettlementCategory

NUMBER = re.compile(r"[+-]?[0-9]{1,19}(\.[0-9]{1,10})?", re.ASCII)
UNSEEN = re.compile(r"[\x00-\x1f\x7f-\x9f\u061c\u200b\u200e\u200f\u2028-\u202e\u2060-\u2069\ufeff]+")


@dataclass(frozen=True, slots=True)
class StatementLine:
    """One line: `gross` moved, `fee` was taken of it."""

    category: SettlementCategory
    reference: str
    booked_on: dt.date
    gross: int
    fee: int = 0
    words: str = ""


@dataclass(frozen=True, slots=True)
class Statement:
    """A file as it was read: what it claims, not what is right."""

    currency: str
    opening: int
    closing: int
    lines: tuple[StatementLine, ...] = field(repr=False)
    account_reference: str = ""
    statement_reference: str = ""

    @property
    def movement(self) -> int:
        """What the lines move, fees taken off."""
        return sum(line.gross - line.fee for line in self.lines)

    @property
    def fees(self) -> int:
        """What was taken in fees."""
        return sum(line.fee for line in self.lines)


def text_of(body: bytes) -> str:
    """The file as text: UTF-8, with or without a byte order mark. Raises SettlementFileRefused for anything else."""
    if body.startswith((b"\xff\xfe", b"\xfe\xff")):
        raise SettlementFileRefused("The file is written in UTF-16. Have it exported as UTF-8.")
    try:
        text = body.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        line = body[: error.start].count(b"\n") + 1
        raise SettlementFileRefused(
            f"The file is no UTF-8: line {line} has a byte that belongs to another encoding. Have it exported as UTF-8."
        ) from error
    if "\x00" in text:
        raise SettlementFileRefused("The file contains NUL, so it is no text. Have it exported again.")
    return text


def minor_units(text: str, currency: str, place: str) -> int:
    """An amount in minor units, exactly. `place` says where it stands. Raises SettlementFileRefused.

    A comma is refused rather than guessed at, since 1,234 is a thousand to one and a fraction to another; so is any
    digit beyond the minor unit that is not zero.
    """
    found = text.strip(" ")
    if not NUMBER.fullmatch(found):
        comma = " Amounts have a point and no comma." if "," in found else ""
        raise SettlementFileRefused(f"{place}: {found[:40]!r} is no amount.{comma}")
    try:
        amount = Decimal(found).scaleb(exponent_of(currency))
    except InvalidOperation as error:
        raise SettlementFileRefused(f"{place}: {found[:40]!r} is no amount.") from error
    if amount != amount.to_integral_value():
        raise SettlementFileRefused(f"{place}: {found[:40]!r} is more exact than {currency} can be.")
    if abs(amount) > LARGEST_AMOUNT:
        raise SettlementFileRefused(f"{place}: {found[:40]!r} is more than anybody settles.")
    return int(amount)


def plain(text: str | None, most: int) -> str:
    """Text of a file as one line that can be stored and shown: no controls, no direction marks, at most so long."""
    return UNSEEN.sub(" ", text or "").strip()[:most]


def reference_of(text: str | None, place: str) -> str:
    """The name of what moved, whole or not at all. Raises SettlementFileRefused for one that is too long."""
    found = plain(text, 300)
    if len(found) > 255:
        raise SettlementFileRefused(f"{place}: the reference has more than 255 characters.")
    return found


def refuse_too_many(lines: int) -> None:
    """Raises SettlementFileRefused for more lines than one file may have."""
    if lines > MOST_LINES:
        raise SettlementFileRefused(
            f"The file has more than {MOST_LINES:,} lines. Have it exported in shorter periods."
        )
