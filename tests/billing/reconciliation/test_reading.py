"""Reading files: exactly, or not at all and with a sentence that says where."""

import datetime as dt
import resource

import pytest

from billing.errors import SettlementFileRefused
from billing.models import SettlementFile
from billing.models.settlement_file import LARGEST_FILE, MOST_LINES
from billing.reconciliation_choices import SettlementCategory
from billing.settlement_files.camt053 import camt053_read
from billing.settlement_files.csv_reports import csv_read
from billing.settlement_files.statement import minor_units
from tests.billing.paying import shop
from tests.billing.reconciliation_data import DAY, HEADER, IBAN, balance, entry, report, statement, taken

pytestmark = pytest.mark.django_db

C = SettlementCategory
GOOD = "\r\n".join(
    (
        HEADER,
        f"opening_balance,,{DAY},EUR,0,0,0.50,",
        f"charge,pay_1,{DAY},EUR,12.34,0.34,12.00,words of pay_1",
        f"refund,re_1,{DAY},EUR,-2.00,0.00,-2.00,words of re_1",
        f"closing_balance,,{DAY},EUR,0,0,10.50,",
        "",
    )
).encode()
"""What `report` makes of a charge and a refund."""


def refused_csv(body: bytes, words: str, kind: str = "simulator", **balances: int) -> None:
    with pytest.raises(SettlementFileRefused, match=words):
        csv_read(body, kind, **balances)


def refused_camt(body: bytes, words: str) -> None:
    with pytest.raises(SettlementFileRefused, match=words):
        camt053_read(body)


class TestReports:
    def test_a_report_is_read_in_minor_units(self) -> None:
        assert report([("charge", "pay_1", 1234, 34), ("refund", "re_1", -200, 0)], opening=50) == GOOD
        read = csv_read(GOOD, "simulator")
        assert (read.currency, read.opening, read.closing, read.movement, read.fees) == (
            "EUR",
            50,
            1050,
            1000,
            34,
        )
        charge, refund = read.lines
        assert (charge.category, charge.reference, charge.gross, charge.fee) == (C.CHARGE, "pay_1", 1234, 34)
        assert (refund.gross, refund.booked_on) == (-200, dt.date.fromisoformat(DAY))

    def test_a_byte_order_mark_is_no_part_of_the_header(self) -> None:
        assert csv_read(b"\xef\xbb\xbf" + GOOD, "simulator") == csv_read(GOOD, "simulator")

    def test_yen_and_dinars_have_their_own_minor_units(self) -> None:
        assert csv_read(report([("charge", "p", 500, 0)], currency="JPY"), "simulator").closing == 500
        dinars = csv_read(report([("charge", "p", 1234, 0)], currency="KWD"), "simulator")
        assert dinars.lines[0].gross == 1234
        refused_csv(GOOD.replace(b",EUR,", b",JPY,"), "more exact than JPY can be")

    @pytest.mark.parametrize(
        ("changed", "words"),
        [
            (GOOD.decode().encode("utf-16"), "UTF-16"),
            (GOOD.replace(b"words of pay_1", b"caf\xe9"), "no UTF-8: line 3"),
            (GOOD.replace(b"words of pay_1", b"a\x00b"), "contains NUL"),
            (b"", "no column"),
            (HEADER.encode(), "no line below its header"),
            (GOOD.replace(b",", b";"), "another sign than the comma"),
            (GOOD.replace(b"12.34", b'"12,34"'), "no comma"),
            (GOOD.replace(b"12.34", b"12,34"), "has 9 cells where the header has 8"),
            (GOOD.replace(b"12.34", b"1.234e1"), "is no amount"),
            (GOOD.replace(b"12.34", b"12.345"), "more exact than EUR"),
            (GOOD.replace(b"12.34", b"NaN"), "is no amount"),
            (GOOD.replace(b"12.34", b"99999999999999999.00"), "more than anybody settles"),
            (GOOD.replace(b",12.00,", b",12.01,"), "Line 3: the net is not the gross without the fee"),
            (GOOD.replace(b",gross,", b",gros,"), "no column gross"),
            (GOOD.replace(b"description", b"type"), "names a column twice"),
            (GOOD[: GOOD.index(b"closing_balance")], "no closing balance. Is it cut off"),
            (GOOD[:-20], "Is the file cut off"),
            (
                GOOD.replace(b"refund,re_1,2026-11-20,EUR", b"refund,re_1,2026-11-20,USD"),
                "One file has one currency",
            ),
            (GOOD.replace(b",EUR,", b",XXQ,"), "no currency"),
            (GOOD.replace(b"pay_1,2026-11-20", b"pay_1,20.11.2026"), "is no day"),
            (GOOD.replace(b"pay_1,", b"p" * 256 + b","), "more than 255 characters"),
            (GOOD + b'charge,"', "stands behind|no CSV|cells"),
            (GOOD + b"fee,f,2026-11-20,EUR,1.00,0,1.00,late\r\n", "stands behind the closing balance"),
            (GOOD + GOOD.splitlines(keepends=True)[-1], "has this balance already"),
        ],
    )
    def test_what_is_no_report(self, changed: bytes, words: str) -> None:
        refused_csv(changed, words)

    def test_signs_that_show_nothing_are_left_out(self) -> None:
        read = csv_read(GOOD.replace(b"words of pay_1", "a\u202eb\u200b c".encode()), "simulator")
        assert read.lines[0].words == "a b  c"

    def test_a_report_of_stripe_has_its_balances_said(self) -> None:
        head = (
            "balance_transaction_id,created,currency,gross,fee,net,reporting_category,source_id,payment_intent_id,"
            "description"
        )
        rows = (
            "txn_1,2026-11-20 10:00:01,eur,29.99,0.67,29.32,charge,ch_1,pi_1,Tokens",
            "txn_2,2026-11-20 11:00:01,eur,-9.00,0.00,-9.00,refund,re_1,pi_1,Refund",
            "txn_3,2026-11-21 00:00:01,eur,-20.00,0.00,-20.00,payout,po_1,,STRIPE PAYOUT",
            "txn_4,2026-11-21 00:00:02,eur,-1.00,0.00,-1.00,something_new,x_1,,",
            "txn_5,2026-11-21 00:00:03,eur,-29.99,15.00,-44.99,dispute,dp_1,pi_1,Chargeback",
            "txn_6,2026-11-21 00:00:04,eur,29.99,0.00,29.99,dispute_reversal,dp_1,pi_1,Won",
        )
        body = "\n".join((head, *rows)).encode()
        read = csv_read(body, "stripe", opening=0, closing=-1568)
        assert [(line.category, line.reference) for line in read.lines] == [
            (C.CHARGE, "pi_1"),
            (C.REFUND, "re_1"),
            (C.TRANSFER, "po_1"),
            (C.OTHER, "x_1"),
            (C.DISPUTE, "txn_5"),
            (C.DISPUTE_REVERSAL, "txn_6"),
        ]
        assert (read.movement, read.lines[3].words) == (2932 - 900 - 2000 - 100 - 1500, "something_new")
        refused_csv(body, "have no balances. Give the opening", kind="stripe")
        refused_csv(GOOD, "balances of its own", opening=1, closing=2)

    @pytest.mark.parametrize(
        ("text", "amount"),
        [("0", 0), ("-0.00", 0), ("+1.50", 150), (" 7.1 ", 710), ("-12.3400", -1234), ("0.010", 1)],
    )
    def test_amounts_are_exact(self, text: str, amount: int) -> None:
        assert minor_units(text, "EUR", "here") == amount

    @pytest.mark.parametrize("text", ["", "1,5", "1.005", "٣", "1_0", "0x1", "1e2", "--1", "inf", "1 000"])
    def test_nothing_is_guessed(self, text: str) -> None:
        with pytest.raises(SettlementFileRefused, match="here: "):
            minor_units(text, "EUR", "here")


class TestStatements:
    @pytest.mark.parametrize("version", ["02", "08"])
    def test_a_statement_is_read_in_both_versions(self, version: str) -> None:
        entries = [
            entry(200_000, "tr_1", version=version),
            entry(-12_345, "po_1", version=version),
            entry(-35, version=version, sub_family="CHRG"),
            entry(100, version=version, words="tr_9"),
            entry(-100, "NOTPROVIDED", version=version, words="two words"),
        ]
        read = camt053_read(statement(entries, opening=-5, closing=187_615, version=version))
        assert (read.opening, read.closing, read.movement) == (-5, 187_615, 187_620)
        assert (read.account_reference, read.statement_reference, read.currency) == (IBAN, f"S-{DAY}", "EUR")
        assert [(line.category, line.reference, line.gross) for line in read.lines] == [
            (C.TRANSFER, "tr_1", 200_000),
            (C.PAYOUT, "po_1", -12_345),
            (C.FEE, "", -35),
            (C.TRANSFER, "tr_9", 100),
            (C.PAYOUT, "", -100),
        ]

    def test_a_collective_entry_is_read_part_by_part(self) -> None:
        whole = entry(-300, "batch")
        parts = "".join(
            f'<TxDtls><Refs><EndToEndId>po_{n}</EndToEndId></Refs><Amt Ccy="EUR">{n}.00</Amt>'
            "<CdtDbtInd>DBIT</CdtDbtInd></TxDtls>"
            for n in (1, 2)
        )
        begin, end = whole.index("<TxDtls>"), whole.index("</NtryDtls>")
        collective = whole[:begin] + parts + whole[end:]
        read = camt053_read(statement([collective], opening=0, closing=-300))
        assert [(line.reference, line.gross) for line in read.lines] == [("po_1", -100), ("po_2", -200)]
        refused_camt(
            statement([collective.replace("3.00", "4.00")], opening=0, closing=-400),
            "do not sum to its amount",
        )

    def test_what_is_not_booked_yet_is_left_out(self) -> None:
        pending = entry(700, "tr_1").replace("BOOK", "PDNG")
        assert camt053_read(statement([pending], opening=0, closing=0)).lines == ()

    def test_a_document_type_is_refused_before_anything_is_read(self) -> None:
        body = statement([entry(100, "tr_1")], opening=0, closing=100).decode()
        begin = body.index("<Document")
        laughs = "".join(f'<!ENTITY l{n} "{f"&l{n - 1};" * 10}">' for n in range(1, 30))
        bomb = f'<!DOCTYPE d [<!ENTITY l0 "ha">{laughs}]>'
        local = '<!DOCTYPE d [<!ENTITY x SYSTEM "file:///etc/passwd">]>'
        remote = '<!DOCTYPE d SYSTEM "http://127.0.0.1:9/x.dtd">'
        parameters = '<!DOCTYPE d [<!ENTITY % p SYSTEM "http://127.0.0.1:9/x"> %p;]>'
        before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
        for evil in (bomb, local, remote, parameters):
            refused_camt(
                (body[:begin] + evil + body[begin:].replace("tr_1", "&l29;")).encode(),
                "declares a document type",
            )
            refused_camt((body[:begin] + evil + body[begin:]).encode("utf-16"), "UTF-16")
        assert resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before < 100_000
        refused_camt(body.replace("tr_1", "&amp;&undeclared;").encode(), "no whole XML")

    def test_depth_is_bounded(self) -> None:
        refused_camt(b"<a>" * 100_000, "no whole XML")

    @pytest.mark.parametrize(
        ("old", "new", "words"),
        [
            ("</Document>", "", "reading ends at line"),
            ("camt.053.001.08", "camt.052.001.08", "no camt.053 that can be read"),
            ("<CdtDbtInd>CRDT</CdtDbtInd><Sts>", "<CdtDbtInd>CREDIT</CdtDbtInd><Sts>", "breaks the schema"),
            ('<Amt Ccy="EUR">1.00', '<Amt Ccy="EUR">1,00', "breaks the schema"),
            ('<Amt Ccy="EUR">1.00', '<Amt Ccy="EUR">1e0', "breaks the schema"),
            ('<Amt Ccy="EUR">1.00', '<Amt Ccy="EUR">1.005', "more exact than EUR"),
            ("<BookgDt><Dt>2026-11-20</Dt></BookgDt>", "", "no day on which it was booked"),
            ("CLBD", "CLAV", "no opening or no closing balance"),
            ("<Id>S-2026-11-20</Id>", "<Ids>S</Ids>", "breaks the schema"),
            ("</Stmt>", "</Stmt><Stmt/>", "breaks the schema"),
        ],
    )
    def test_what_is_no_statement(self, old: str, new: str, words: str) -> None:
        body = statement([entry(100, "tr_1")], opening=0, closing=100).decode()
        assert old in body
        refused_camt(body.replace(old, new).encode(), words)

    def test_one_currency_and_one_account(self) -> None:
        foreign = statement([entry(100, "tr_1", currency="USD")], opening=0, closing=100)
        refused_camt(foreign, "an amount in USD on an account in EUR")
        body = statement([], opening=0, closing=0).decode()
        begin, end = body.index("<Stmt>"), body.index("</Stmt>") + 7
        refused_camt((body[:end] + body[begin:end] + body[end:]).encode(), "has 2 statements")
        assert balance("OPBD", 0) in body


class TestTaking:
    def test_what_cannot_be_read_leaves_nothing_behind(self) -> None:
        account, _ = shop()
        for body, words in (
            (b"", "empty"),
            (b"x" * (LARGEST_FILE + 1), "at most 5 MB"),
            (GOOD[:-20], "cut off"),
            (b"<?xml version='1.0'?><a/>", "no camt.053"),
        ):
            with pytest.raises(SettlementFileRefused, match=words):
                taken(account, body)
        assert not SettlementFile.objects.exists()

    def test_a_file_of_five_megabytes_is_read_and_more_lines_than_allowed_are_not(self) -> None:
        account, _ = shop()
        body = report([("fee", f"f{n}", -1, 0) for n in range(1_000)], opening=1_000)
        long = b"x" * ((LARGEST_FILE - len(body)) // 1_000)
        body = body.replace(b"words of", long)
        assert LARGEST_FILE * 0.99 < len(body) <= LARGEST_FILE
        file = taken(account, body)
        assert (file.line_count, file.exception_count, file.closing) == (1_000, 1_000, 0)
        with pytest.raises(SettlementFileRefused, match="more than 20,000 lines"):
            csv_read(report([("fee", f"f{n}", -1, 0) for n in range(MOST_LINES + 1)]), "simulator")
