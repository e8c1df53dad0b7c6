"""Settlement files and bank statements of the tests."""

from collections.abc import Iterable
from typing import Any

from billing.models import ProviderAccount, SettlementFile
from billing.money import money_plain
from billing.reconciliation_choices import SettlementFileKind
from billing.services.settlement_files import settlement_file_take

HEADER = "type,reference,booked_on,currency,gross,fee,net,description"
DAY = "2026-11-20"
IBAN = "NL91ABNA0417164300"

Row = tuple[str, str, int, int]
"""Category, reference, gross and fee in cents."""


def report(
    rows: Iterable[Row],
    *,
    opening: int = 0,
    closing: int | None = None,
    currency: str = "EUR",
    day: str = DAY,
) -> bytes:
    """A settlement report of the simulator; without `closing` it foots."""
    rows = list(rows)
    ends = opening + sum(gross - fee for _, _, gross, fee in rows) if closing is None else closing
    lines = [HEADER, f"opening_balance,,{day},{currency},0,0,{money_plain(opening, currency)},"]
    for category, reference, gross, fee in rows:
        amounts = ",".join(money_plain(amount, currency) for amount in (gross, fee, gross - fee))
        lines.append(f"{category},{reference},{day},{currency},{amounts},words of {reference or 'nobody'}")
    lines.append(f"closing_balance,,{day},{currency},0,0,{money_plain(ends, currency)},")
    return "\r\n".join([*lines, ""]).encode()


def entry(
    amount: int,
    reference: str = "",
    *,
    currency: str = "EUR",
    version: str = "08",
    words: str = "",
    **codes: str,
) -> str:
    """An entry of a bank statement; above zero it came to us."""
    status = "<Sts><Cd>BOOK</Cd></Sts>" if version == "08" else "<Sts>BOOK</Sts>"
    family = codes.get("family") or ("RCDT" if amount > 0 else "ICDT")
    parts = "".join(
        (
            f"<Refs><EndToEndId>{reference}</EndToEndId></Refs>" if reference else "",
            f"<RmtInf><Ustrd>{words}</Ustrd></RmtInf>" if words else "",
        )
    )
    details = f"<NtryDtls><TxDtls>{parts}</TxDtls></NtryDtls>" if parts else ""
    return (
        f'<Ntry><Amt Ccy="{currency}">{money_plain(abs(amount), currency)}</Amt>'
        f"<CdtDbtInd>{'CRDT' if amount > 0 else 'DBIT'}</CdtDbtInd>{status}<BookgDt><Dt>{DAY}</Dt></BookgDt>"
        f"<BkTxCd><Domn><Cd>PMNT</Cd><Fmly><Cd>{family}</Cd><SubFmlyCd>{codes.get('sub_family', 'ESCT')}</SubFmlyCd>"
        f"</Fmly></Domn></BkTxCd>{details}</Ntry>"
    )


def balance(code: str, amount: int, currency: str = "EUR") -> str:
    return (
        f"<Bal><Tp><CdOrPrtry><Cd>{code}</Cd></CdOrPrtry></Tp>"
        f'<Amt Ccy="{currency}">{money_plain(abs(amount), currency)}</Amt>'
        f"<CdtDbtInd>{'DBIT' if amount < 0 else 'CRDT'}</CdtDbtInd><Dt><Dt>{DAY}</Dt></Dt></Bal>"
    )


def statement(
    entries: Iterable[str], *, opening: int, closing: int, version: str = "08", currency: str = "EUR"
) -> bytes:
    """A bank statement of one account."""
    name = f"urn:iso:std:iso:20022:tech:xsd:camt.053.001.{version}"
    return (
        '<?xml version="1.0" encoding="UTF-8"?>\n'
        f'<Document xmlns="{name}"><BkToCstmrStmt>'
        f"<GrpHdr><MsgId>M1</MsgId><CreDtTm>{DAY}T23:00:00Z</CreDtTm></GrpHdr>\n"
        f"<Stmt><Id>S-{DAY}</Id><CreDtTm>{DAY}T23:00:00Z</CreDtTm>"
        f"<Acct><Id><IBAN>{IBAN}</IBAN></Id><Ccy>{currency}</Ccy></Acct>\n"
        f"{balance('OPBD', opening, currency)}{balance('CLBD', closing, currency)}\n"
        + "\n".join(entries)
        + "</Stmt></BkToCstmrStmt></Document>"
    ).encode()


def taken(account: ProviderAccount, body: bytes, **changed: Any) -> SettlementFile:
    """The file, read and judged."""
    said: dict[str, Any] = {
        "provider_account_id": account.pk,
        "kind": SettlementFileKind.BANK_CAMT053
        if body.startswith(b"<?xml")
        else SettlementFileKind.PROVIDER_CSV,
        "body": body,
        "name": "settlement.csv",
        "actor": None,
    }
    return settlement_file_take(**{**said, **changed})
