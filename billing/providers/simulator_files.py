"""Settlement reports of the simulated provider, and statements of the bank to which it transfers: from its own books.

A day settles what succeeded on it (UTC). The provider takes 1.4 % and 0.25 of each charge, and at the end of each day
transfers nine tenths of the balance to the bank, under a name that follows from account, currency and day. The same
days give the same bytes, as long as the books say the same.
"""

import csv
import datetime as dt
import io
from collections.abc import Iterator
from dataclasses import dataclass
from hashlib import sha256

from lxml import etree

from billing.models import ProviderAccount, SimulatedCharge
from billing.money import money_plain
from billing.provider_choices import ProviderOperation, ProviderOutcome
from billing.reconciliation_choices import SettlementCategory
from core.db.context import acting
from core.db.roles import Role

COLUMNS = ("type", "reference", "booked_on", "currency", "gross", "fee", "net", "description")
NAMESPACE = "urn:iso:std:iso:20022:tech:xsd:camt.053.001.08"
IBAN = "NL91ABNA0417164300"
"""An example number that belongs to nobody."""

FEE_POINTS, FEE_FIXED = 140, 25
CHARGES = (ProviderOperation.AUTHORISE, ProviderOperation.CAPTURE)
C = SettlementCategory


@dataclass(frozen=True, slots=True)
class Movement:
    """What moved at the provider on a day, in minor units as seen from our side."""

    day: dt.date
    category: SettlementCategory
    reference: str
    gross: int
    fee: int
    words: str


def movements(account: ProviderAccount, currency: str) -> list[Movement]:
    """Everything that moved at the provider in a currency, the oldest first, with the transfers of each day."""
    with acting(Role.WORKER):
        rows = list(
            SimulatedCharge.objects.filter(
                provider_account=account,
                currency_id=currency,
                outcome=ProviderOutcome.SUCCEEDED,
                amount__gt=0,
            )
            .exclude(operation=ProviderOperation.VOID)
            .exclude(operation=ProviderOperation.AUTHORISE, captures=False)
            .order_by("created_at", "pk")
        )
    found: list[Movement] = []
    balance = 0
    happened = sorted((moved for row in rows for moved in _movements(row)), key=lambda moved: moved.day)
    for number, moved in enumerate(happened):
        found.append(moved)
        balance += moved.gross - moved.fee
        is_last = number + 1 == len(happened) or happened[number + 1].day != moved.day
        if is_last and (transferred := max(balance, 0) * 9 // 10):
            name = sha256(f"{account.pk} {currency} {moved.day}".encode()).hexdigest()[:20]
            found.append(Movement(moved.day, C.TRANSFER, f"sim_tr_{name}", -transferred, 0, "Transfer"))
            balance -= transferred
    return found


def settlement_report(account: ProviderAccount, currency: str, *, since: dt.date, until: dt.date) -> bytes:
    """The report of the days from `since` to before `until` (UTC), with both balances."""
    everything = movements(account, currency)
    opening = sum(moved.gross - moved.fee for moved in everything if moved.day < since)
    text = io.StringIO(newline="")
    writer = csv.writer(text)
    writer.writerow(COLUMNS)
    writer.writerow(_balance("opening_balance", since, currency, opening))
    for moved in (moved for moved in everything if since <= moved.day < until):
        net = moved.gross - moved.fee
        opening += net
        amounts = (money_plain(amount, currency) for amount in (moved.gross, moved.fee, net))
        writer.writerow((moved.category, moved.reference, moved.day, currency, *amounts, moved.words))
    writer.writerow(_balance("closing_balance", until - dt.timedelta(days=1), currency, opening))
    return text.getvalue().encode()


def bank_statement(account: ProviderAccount, currency: str, *, since: dt.date, until: dt.date) -> bytes:
    """The statement (camt.053) of our bank for the same days: the transfers of the provider arrive on their day."""
    transfers = [moved for moved in movements(account, currency) if moved.category == C.TRANSFER]
    opening = -sum(moved.gross for moved in transfers if moved.day < since)
    arrived = [moved for moved in transfers if since <= moved.day < until]
    closing = opening - sum(moved.gross for moved in arrived)
    last = until - dt.timedelta(days=1)
    made_at = f"{until}T00:00:00Z"
    root = etree.Element("Document", nsmap={None: NAMESPACE})
    body = etree.SubElement(root, "BkToCstmrStmt")
    _put(body, "GrpHdr", ("MsgId", f"{account.code}-{currency}-{last}"[:35]), ("CreDtTm", made_at))
    statement = _put(body, "Stmt", ("Id", f"{currency}-{since}-{last}"), ("CreDtTm", made_at))
    number = etree.SubElement(statement, "Acct")
    _put(number, "Id", ("IBAN", IBAN))
    _put_text(number, "Ccy", currency)
    for code, amount, day in (("OPBD", opening, since), ("CLBD", closing, last)):
        balance = etree.SubElement(statement, "Bal")
        _put(etree.SubElement(balance, "Tp"), "CdOrPrtry", ("Cd", code))
        _money(balance, amount, currency)
        _put(balance, "Dt", ("Dt", str(day)))
    for moved in arrived:
        entry = etree.SubElement(statement, "Ntry")
        _money(entry, -moved.gross, currency)
        _put(entry, "Sts", ("Cd", "BOOK"))
        _put(entry, "BookgDt", ("Dt", str(moved.day)))
        domain = _put(etree.SubElement(entry, "BkTxCd"), "Domn", ("Cd", "PMNT"))
        _put(domain, "Fmly", ("Cd", "RCDT"), ("SubFmlyCd", "ESCT"))
        details = etree.SubElement(etree.SubElement(entry, "NtryDtls"), "TxDtls")
        _put(details, "Refs", ("EndToEndId", moved.reference))
        _put(details, "RmtInf", ("Ustrd", moved.words))
    # The elements were made without a name space; written and read again they have that of the root.
    return bytes(etree.tostring(root, xml_declaration=True, encoding="UTF-8", pretty_print=True))


def days_of(account: ProviderAccount, currency: str) -> Iterator[dt.date]:
    """Days on which something moved, each once."""
    yield from sorted({moved.day for moved in movements(account, currency)})


def _movements(row: SimulatedCharge) -> Iterator[Movement]:
    day = row.created_at.astimezone(dt.UTC).date()
    if row.operation in CHARGES:
        fee = (row.amount * FEE_POINTS + 5_000) // 10_000 + FEE_FIXED
        yield Movement(day, C.CHARGE, row.payment_reference, row.amount, fee, "Charge")
    elif row.operation == ProviderOperation.PAYOUT:
        yield Movement(day, C.PAYOUT, row.reference, -row.amount, 0, "Payout")
        if row.refunded_total:
            back = row.updated_at.astimezone(dt.UTC).date()
            yield Movement(back, C.PAYOUT_RETURN, row.reference, row.refunded_total, 0, "Payout came back")
    else:
        yield Movement(day, C.REFUND, row.reference, -row.amount, 0, "Refund")


def _balance(word: str, day: dt.date, currency: str, amount: int) -> tuple[object, ...]:
    nothing = money_plain(0, currency)
    return (word, "", day, currency, nothing, nothing, money_plain(amount, currency), "")


def _put_text(parent: etree._Element, name: str, text: str) -> etree._Element:
    child = etree.SubElement(parent, name)
    child.text = text
    return child


def _put(parent: etree._Element, name: str, *children: tuple[str, str]) -> etree._Element:
    child = etree.SubElement(parent, name)
    for inner, text in children:
        _put_text(child, inner, text)
    return child


def _money(parent: etree._Element, amount: int, currency: str) -> None:
    _put_text(parent, "Amt", money_plain(abs(amount), currency)).set("Ccy", currency)
    _put_text(parent, "CdtDbtInd", "DBIT" if amount < 0 else "CRDT")
