"""What the database itself refuses about settlement files, in SQL and in every role."""

from collections.abc import Iterator
from hashlib import sha256
from typing import Any
from uuid import UUID

import pytest
from django.db import IntegrityError, ProgrammingError, connection, transaction

from billing.models import ReconciliationMatch, SettlementFile, SettlementLine
from core.db.context import acting
from core.db.roles import ACTING_ROLES, Role
from core.models.identity import uuid7
from tests.billing.paying import PRICE, fulfilments, paid, shop
from tests.billing.reconciliation_data import report, taken

pytestmark = pytest.mark.django_db

REFUSED = (IntegrityError, ProgrammingError)
READERS = (
    Role.FINANCE,
    Role.FINANCE_APPROVER,
    Role.COMPLIANCE,
    Role.AUDITOR,
    Role.ADMINISTRATOR,
    Role.WORKER,
)
TABLES = ("settlementfile", "settlementline", "reconciliationmatch")


@pytest.fixture(autouse=True)
def _fulfilments() -> Iterator[None]:
    with fulfilments():
        yield


def run(sql: str, *values: Any, role: Role = Role.WORKER, user_id: UUID | None = None) -> int:
    with acting(role, user_id=user_id), connection.cursor() as cursor:
        cursor.execute("SET CONSTRAINTS ALL IMMEDIATE")
        cursor.execute(sql, values)
        return cursor.rowcount


def refused(message: str, sql: str, *values: Any, **context: Any) -> None:
    with pytest.raises(REFUSED, match=message), transaction.atomic():
        run(sql, *values, **context)


def reconciled() -> tuple[SettlementFile, SettlementLine, SettlementLine]:
    """A file with a matched line and an exception."""
    account, _ = shop()
    payment = paid()
    file = taken(
        account, report([("charge", str(payment.provider_reference), PRICE, 0), ("charge", "pay_none", 7, 0)])
    )
    matched, left = file.lines.order_by("position")
    return file, matched, left


def new_file(**changed: Any) -> tuple[str, list[Any]]:
    account, _ = shop()
    values: dict[str, Any] = {
        "id": uuid7(),
        "provider_account_id": account.pk,
        "kind": "provider_csv",
        "account_reference": "",
        "name": "by hand",
        "statement_reference": "",
        "body": b"x",
        "sha256": sha256(str(uuid7()).encode()).digest(),
        "currency": "EUR",
        "opening": 0,
        "closing": 0,
        "movement": 0,
        "fees": 0,
        "line_count": 0,
        "status": "taken",
        **changed,
    }
    columns = ", ".join(values)
    return (
        f"INSERT INTO billing_settlementfile ({columns}) VALUES ({', '.join(['%s'] * len(values))})",
        [*values.values()],
    )


@pytest.mark.parametrize(
    ("changed", "message"),
    [
        ({"closing": 1}, "foots_check"),
        ({"status": "reconciled"}, "cannot begin as"),
        ({"status": "set_aside"}, "cannot begin as"),
        ({"status": "quarantined"}, "quarantine_said_check"),
        ({"line_count": 1}, "not those of which it tells"),
        ({"movement": 5, "closing": 5}, "not those of which it tells"),
        ({"fees": 5}, "not those of which it tells"),
        ({"follows_id": uuid7()}, "not the closing balance of the file before"),
        ({"sha256": b"short"}, "sha256_check"),
        ({"body": b""}, "body_check"),
        ({"name": ""}, "name"),
        ({"kind": "pdf"}, "kind_check"),
        ({"matched_count": 1}, "reconciled_check"),
        ({"last_day": "2026-01-01"}, "days_check"),
    ],
)
def test_what_is_no_file(changed: dict[str, Any], message: str) -> None:
    sql, values = new_file(**changed)
    refused(message, sql, *values)


def test_the_same_bytes_once_and_one_file_after_another() -> None:
    file, *_ = reconciled()
    sql, values = new_file(sha256=bytes(file.sha256))
    refused("sha256_key", sql, *values)
    sql, values = new_file()
    refused("first_key", sql, *values)
    sql, values = new_file(follows_id=file.pk, opening=file.closing + 1, closing=file.closing + 1)
    refused("closing balance of the file before", sql, *values)
    sql, values = new_file(follows_id=file.pk, opening=file.closing, closing=file.closing, currency="USD")
    refused("closing balance of the file before", sql, *values)
    sql, values = new_file(follows_id=file.pk, opening=file.closing, closing=file.closing)
    assert run(sql, *values) == 1
    sql, values = new_file(follows_id=file.pk, opening=file.closing, closing=file.closing)
    refused("follows_key", sql, *values)


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ("matched_count = 2, exception_count = 0", "1 lines are matched and 1 are exceptions"),
        ("matched_count = 0, exception_count = 2", "1 lines are matched and 1 are exceptions"),
        ("status = 'taken', matched_count = 0, exception_count = 0", "cannot move"),
        ("status = 'set_aside', matched_count = 0, exception_count = 0", "cannot move"),
        ("closing = closing + 1", "permission denied"),
        ("body = 'y'", "permission denied"),
        ("sha256 = ''", "permission denied"),
    ],
)
def test_counts_and_balances_are_not_talked_away(change: str, message: str) -> None:
    file, *_ = reconciled()
    refused(message, f"UPDATE billing_settlementfile SET {change} WHERE id = %s", file.pk)


def test_an_exception_that_is_missing_keeps_a_file_from_being_reconciled() -> None:
    sql, values = new_file(line_count=1, movement=5, closing=5)
    line = (
        "INSERT INTO billing_settlementline (id, settlement_file_id, position, category, reference, booked_on, gross, "
        "fee, net, words) VALUES (%s, %s, 1, 'charge', 'x', '2026-11-20', 5, 0, 5, '')"
    )
    with acting(Role.WORKER), connection.cursor() as cursor:
        cursor.execute(sql, values)
        cursor.execute(line, [uuid7(), values[0]])
        for matched, excepted in ((0, 1), (1, 0)):
            with (
                pytest.raises(IntegrityError, match="0 lines are matched and 0 are exceptions"),
                transaction.atomic(),
            ):
                cursor.execute(
                    "UPDATE billing_settlementfile SET status = 'reconciled', reconciled_at = now(), "
                    "matched_count = %s, exception_count = %s WHERE id = %s",
                    [matched, excepted, values[0]],
                )


def test_lines_come_with_their_file_and_stay() -> None:
    file, matched, left = reconciled()
    added = (
        "INSERT INTO billing_settlementline (id, settlement_file_id, position, category, reference, booked_on, gross, "
        "fee, net, words) VALUES (%s, %s, %s, 'charge', '', '2026-11-20', %s, 0, %s, '')"
    )
    refused("position_key", added, uuid7(), file.pk, 1, 0, 0)
    refused("net_check", added, uuid7(), file.pk, 9, 1, 0)
    for sql in (
        "UPDATE billing_settlementline SET gross = 1 WHERE id = %s",
        "DELETE FROM billing_settlementline WHERE id = %s",
    ):
        refused("permission denied", sql, left.pk)
    with pytest.raises(IntegrityError, match="append-only"), transaction.atomic():
        SettlementLine.objects.filter(pk=left.pk).delete()
    with pytest.raises(IntegrityError, match="append-only"), transaction.atomic():
        ReconciliationMatch.objects.filter(line=matched).delete()


def test_a_match_is_of_what_is_equal_and_once() -> None:
    _, matched, left = reconciled()
    payment, cheaper = ReconciliationMatch.objects.get(line=matched).subject_id, paid()
    match = (
        "INSERT INTO billing_reconciliationmatch (id, line_id, subject_type, subject_id, category, reason) "
        "VALUES (uuidv7(), %s, %s, %s, %s, '')"
    )
    refused("same amount and currency", match, left.pk, "billing.payment", cheaper.pk, "charge")
    refused("same amount and currency", match, left.pk, "billing.payment", uuid7(), "charge")
    refused("same amount and currency", match, left.pk, "billing.settlementline", left.pk, "transfer")
    refused("same amount and currency", match, left.pk, "billing.order", cheaper.order_id, "charge")
    refused("line_id|match_line", match, matched.pk, "billing.payment", payment, "charge")
    refused("same amount and currency", match, left.pk, "accounts.user", uuid7(), "charge")
    account, _ = shop()
    again = taken(account, report([("charge", "pay_typo", PRICE, 0)], opening=PRICE + 7))
    refused("subject_key", match, again.lines.get().pk, "billing.payment", payment, "refund")
    assert run(match, again.lines.get().pk, "billing.payment", cheaper.pk, "refund") == 1
    # The category is that of the line, whatever the statement names; the counts follow.
    assert ReconciliationMatch.objects.get(line__settlement_file=again).category == "charge"
    again.refresh_from_db()
    assert (again.matched_count, again.exception_count) == (1, 0)


def test_lines_of_a_quarantined_file_are_matched_with_nothing() -> None:
    account, _ = shop()
    payment = paid()
    file = taken(account, report([("charge", str(payment.provider_reference), PRICE, 0)], closing=1))
    refused(
        "of a file that adds up",
        "INSERT INTO billing_reconciliationmatch (id, line_id, subject_type, subject_id, category, reason) "
        "VALUES (uuidv7(), %s, 'billing.payment', %s, 'charge', '')",
        file.lines.get().pk,
        payment.pk,
    )
    refused(
        "foots_check",
        "UPDATE billing_settlementfile SET status = 'taken', quarantine = NULL WHERE id = %s",
        file.pk,
    )


@pytest.mark.parametrize("role", ACTING_ROLES)
def test_who_reads_and_who_writes(role: Role) -> None:
    reconciled()
    for table in TABLES:
        with acting(role), connection.cursor() as cursor:
            if role in READERS:
                cursor.execute(f"SELECT count(*) FROM billing_{table}")
                assert cursor.fetchone()[0] > 0
            else:
                with pytest.raises(ProgrammingError, match="permission denied"), transaction.atomic():
                    cursor.execute(f"SELECT count(*) FROM billing_{table}")
        if role != Role.WORKER:
            sql, values = new_file()
            refused("permission denied|row-level security", sql, *values, role=role)
            refused("permission denied", f"DELETE FROM billing_{table}", role=role)
            refused("permission denied", f"UPDATE billing_{table} SET id = uuidv7()", role=role)
