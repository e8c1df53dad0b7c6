"""Bank statements of ISO 20022 (camt.053), read by lxml and checked against the schema of ISO.

Nothing is expanded and nothing is fetched: a document type declaration is refused before anything is parsed, entities
are never resolved, and the parser has no network. Amounts stay decimal texts until they are minor units.
"""

import datetime as dt
from collections.abc import Iterator
from functools import cache
from pathlib import Path
from typing import Any

from lxml import etree

from billing.errors import MoneyRefused, SettlementFileRefused
from billing.money import exponent_of
from billing.reconciliation_choices import SettlementCategory
from billing.settlement_files.statement import (
    Statement,
    StatementLine,
    minor_units,
    plain,
    reference_of,
    refuse_too_many,
    text_of,
)

C = SettlementCategory
SCHEMAS = Path(__file__).parent / "schemas"
NAMESPACE = "urn:iso:std:iso:20022:tech:xsd:"
VERSIONS = ("camt.053.001.02", "camt.053.001.08")
"""Those that banks send: the one of SEPA until 2025, and the one since."""

NO_REFERENCE = "NOTPROVIDED"
OPENING, CLOSING = ("OPBD", "PRCD"), ("CLBD",)
FEES = frozenset({"CHRG", "COMM", "COMT", "FEES", "ADJT", "INTR", "TAXE"})
"""Sub-families of bank transactions that are charges, commissions, interest and taxes on it."""

RETURNS = frozenset({"RRTN", "RPCR", "ARET", "UPCT"})
"""Sub-families of credit transfers that came back."""


@cache
def _schema(version: str) -> Any:
    """The schema of ISO for a version."""
    return etree.XMLSchema(etree.parse(SCHEMAS / f"{version}.xsd", _parser()))


def _parser() -> Any:
    return etree.XMLParser(
        resolve_entities=False,
        load_dtd=False,
        no_network=True,
        dtd_validation=False,
        huge_tree=False,
        remove_comments=True,
        remove_pis=True,
    )


def camt053_read(body: bytes) -> Statement:
    """Read the statement of one account. Raises SettlementFileRefused, with the line and what is wrong in it."""
    text = text_of(body)
    if "<!DOCTYPE" in text or "<!ENTITY" in text:
        raise SettlementFileRefused(
            "The file declares a document type or entities, which no bank statement does. It was not read."
        )
    try:
        root = etree.fromstring(text.encode("utf-8"), _parser())
    except (etree.XMLSyntaxError, ValueError) as error:
        line = getattr(error, "lineno", None) or 1
        raise SettlementFileRefused(
            f"The file is no whole XML: reading ends at line {line}. Is it cut off?"
        ) from error
    version = etree.QName(root).namespace or ""
    version = version.removeprefix(NAMESPACE)
    if version not in VERSIONS:
        raise SettlementFileRefused(f"The file is no camt.053 that can be read: {' or '.join(VERSIONS)}.")
    schema = _schema(version)
    if not schema.validate(root):
        wrong = schema.error_log[0]
        raise SettlementFileRefused(
            f"The file breaks the schema {version} in line {wrong.line}: "
            f"{plain(wrong.message.replace(f'{{{NAMESPACE}{version}}}', ''), 200)}"
        )
    return _statement(_Reading(f"{{{NAMESPACE}{version}}}"), root)


class _Reading:
    """Elements of one version by their short names: `at(entry, "Amt")`, `at(entry, "BkTxCd/Domn/Cd")`."""

    def __init__(self, prefix: str) -> None:
        self.prefix = prefix

    def path(self, short: str) -> str:
        return "/".join(f"{self.prefix}{name}" for name in short.split("/"))

    def at(self, element: Any, short: str) -> Any:
        return element.find(self.path(short))

    def all(self, element: Any, short: str) -> Any:
        return element.findall(self.path(short))

    def text(self, element: Any, *shorts: str) -> str:
        """The text of the first of these that is there; empty where none is."""
        for short in shorts:
            found = self.at(element, short)
            if found is not None and found.text:
                return str(found.text).strip()
        return ""


def _statement(reading: _Reading, root: Any) -> Statement:
    statements = reading.all(root, "BkToCstmrStmt/Stmt")
    if len(statements) != 1:
        raise SettlementFileRefused(
            f"The file has {len(statements)} statements. Have one file made for each account and day."
        )
    statement = statements[0]
    balances = {
        reading.text(balance, "Tp/CdOrPrtry/Cd"): balance for balance in reading.all(statement, "Bal")
    }
    opening = next((balances[code] for code in OPENING if code in balances), None)
    closing = next((balances[code] for code in CLOSING if code in balances), None)
    if opening is None or closing is None:
        raise SettlementFileRefused("The statement has no opening or no closing balance of what was booked.")
    currency = str(reading.at(closing, "Amt").get("Ccy"))
    try:
        exponent_of(currency)
    except MoneyRefused as error:
        raise SettlementFileRefused(str(error)) from error
    lines: list[StatementLine] = []
    for entry in reading.all(statement, "Ntry"):
        if reading.text(entry, "Sts/Cd", "Sts") == "BOOK":
            lines.extend(_lines(reading, entry, currency))
        refuse_too_many(len(lines))
    return Statement(
        currency=currency,
        opening=_amount(reading, opening, currency),
        closing=_amount(reading, closing, currency),
        lines=tuple(lines),
        account_reference=plain(reading.text(statement, "Acct/Id/IBAN", "Acct/Id/Othr/Id"), 64),
        statement_reference=plain(reading.text(statement, "Id"), 140),
    )


def _amount(reading: _Reading, element: Any, currency: str, *, amount: Any = None, side: str = "") -> int:
    """The amount of a balance or entry, below zero where it is a debit."""
    found = reading.at(element, "Amt") if amount is None else amount
    place = f"Line {found.sourceline}"
    if found.get("Ccy") != currency:
        raise SettlementFileRefused(f"{place}: an amount in {found.get('Ccy')} on an account in {currency}.")
    minor = minor_units(found.text or "", currency, place)
    return -minor if (side or reading.text(element, "CdtDbtInd")) == "DBIT" else minor


def _lines(reading: _Reading, entry: Any, currency: str) -> Iterator[StatementLine]:
    """The lines of an entry: one, or where a collective entry names the amount of each of its parts, those."""
    total = _amount(reading, entry, currency)
    parts = reading.all(entry, "NtryDtls/TxDtls")
    amounts = [_part(reading, entry, part, currency) for part in parts]
    if len(parts) < 2 or None in amounts:
        yield _line(reading, entry, parts[0] if len(parts) == 1 else None, total)
        return
    if sum(amount or 0 for amount in amounts) != total:
        raise SettlementFileRefused(
            f"Line {entry.sourceline}: the parts of a collective entry do not sum to its amount."
        )
    for part, amount in zip(parts, amounts, strict=True):
        yield _line(reading, entry, part, amount or 0)


def _part(reading: _Reading, entry: Any, part: Any, currency: str) -> int | None:
    amount = reading.at(part, "Amt")
    if amount is None:
        amount = reading.at(part, "AmtDtls/TxAmt/Amt")
    if amount is None or amount.get("Ccy") != currency:
        return None
    side = reading.text(part, "CdtDbtInd") or reading.text(entry, "CdtDbtInd")
    return _amount(reading, part, currency, amount=amount, side=side)


def _line(reading: _Reading, entry: Any, part: Any, amount: int) -> StatementLine:
    place = f"Line {entry.sourceline}"
    reference = words = ""
    if part is not None:
        reference = reading.text(part, "Refs/EndToEndId")
        if reference == NO_REFERENCE:
            reference = ""
        reference = reference or reading.text(part, "RmtInf/Strd/CdtrRefInf/Ref")
        words = " ".join(found.text or "" for found in reading.all(part, "RmtInf/Ustrd"))
        if not reference and words and " " not in words.strip():
            reference = words.strip()
    words = words or reading.text(entry, "AddtlNtryInf")
    day = reading.text(entry, "BookgDt/Dt", "BookgDt/DtTm", "ValDt/Dt", "ValDt/DtTm")
    try:
        booked_on = dt.date.fromisoformat(day[:10])
    except ValueError as error:
        raise SettlementFileRefused(f"{place}: an entry has no day on which it was booked.") from error
    return StatementLine(
        _category(reading, entry, amount),
        reference_of(reference, place),
        booked_on,
        amount,
        0,
        plain(words, 500),
    )


def _category(reading: _Reading, entry: Any, amount: int) -> SettlementCategory:
    family = reading.text(entry, "BkTxCd/Domn/Fmly/Cd")
    sub_family = reading.text(entry, "BkTxCd/Domn/Fmly/SubFmlyCd")
    if sub_family in FEES:
        return C.FEE
    if sub_family in RETURNS and amount > 0:
        return C.PAYOUT_RETURN
    if family in ("RCDT", "RRCT") or (not family and amount > 0):
        return C.TRANSFER
    if family in ("ICDT", "IRCT") or (not family and amount < 0):
        return C.PAYOUT
    return C.OTHER
