"""Whatever a file says: matched and exceptions are its lines, and what it moves is what its balances say."""

from collections import Counter
from collections.abc import Iterator
from contextlib import suppress
from hashlib import sha256

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from billing.errors import SettlementFileRefused
from billing.models import ReconciliationException, ReconciliationMatch, SettlementFile
from billing.reconciliation_choices import SettlementCategory, SettlementFileStatus
from billing.services.reconciliation import LINE
from billing.settlement_files.camt053 import camt053_read
from billing.settlement_files.csv_reports import csv_read
from tests.billing.paying import PRICE, fulfilments, paid, shop
from tests.billing.reconciliation_data import entry, report, statement, taken

pytestmark = pytest.mark.django_db

REFERENCES = ("pay_a", "pay_b", "pay_c", "", "pay_nobody")
ROWS = st.lists(
    st.tuples(
        st.sampled_from([str(category) for category in SettlementCategory]),
        st.sampled_from(REFERENCES),
        st.one_of(st.just(PRICE), st.integers(-5_000, 5_000)),
        st.integers(-20, 200),
    ),
    max_size=12,
)


@pytest.fixture(autouse=True)
def _fulfilments() -> Iterator[None]:
    with fulfilments():
        yield


@pytest.fixture
def names() -> dict[str, str]:
    shop()
    return {name: str(paid().provider_reference) for name in REFERENCES[:3]} | {
        "": "",
        "pay_nobody": "pay_nobody",
    }


@settings(max_examples=25, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(files=st.lists(st.tuples(ROWS, st.integers(-3, 3), st.integers(-3, 3)), min_size=1, max_size=3))
def test_no_line_is_left_over(
    names: dict[str, str], files: list[tuple[list[tuple[str, str, int, int]], int, int]]
) -> None:
    account, _ = shop()
    live = SettlementFile.objects.live().filter(followed_by__isnull=True).first()
    closing = live.closing if live else 0
    is_first = live is None
    for rows, too_much, jump in files:
        rows = [(category, names[name], gross, fee) for category, name, gross, fee in rows]
        moved = sum(gross - fee for _, _, gross, fee in rows)
        body = report(rows, opening=closing + jump, closing=closing + jump + moved + too_much)
        if SettlementFile.objects.filter(sha256=sha256(body).digest()).exists():
            with pytest.raises(SettlementFileRefused, match="taken already"):
                taken(account, body)
            continue
        file = taken(account, body)
        file.refresh_from_db()
        assert (file.difference, file.movement, file.line_count) == (too_much, moved, len(rows))
        lines = file.lines.values_list("pk", flat=True)
        matched = ReconciliationMatch.objects.filter(line__in=lines).count()
        excepted = ReconciliationException.objects.filter(subject_type=LINE, subject_id__in=lines)
        if too_much or (jump and not is_first):
            assert file.status == SettlementFileStatus.QUARANTINED
            assert (matched, excepted.count()) == (0, 0)
            continue
        is_first, closing = False, file.closing
        assert file.status == SettlementFileStatus.RECONCILED
        assert (file.matched_count, file.exception_count) == (matched, excepted.count())
        assert matched + excepted.count() == len(rows)
        assert all(count == 1 for count in Counter(excepted.values_list("subject_id", flat=True)).values())


@settings(max_examples=60, deadline=None)
@given(noise=st.binary(max_size=300), at=st.integers(0, 400), cut=st.integers(0, 400))
def test_damage_is_told_and_never_a_fault(noise: bytes, at: int, cut: int) -> None:
    csv_file = report([("charge", "pay_1", 1234, 34)], opening=5)
    bank_file = statement([entry(100, "tr_1")], opening=0, closing=100)
    for whole, read in ((csv_file, lambda body: csv_read(body, "simulator")), (bank_file, camt053_read)):
        for damaged in (whole[:at] + noise + whole[at:], whole[: -cut or None], noise):
            found = None
            with suppress(SettlementFileRefused):
                found = read(damaged)
            if found is not None:
                assert all(type(line.gross) is int and type(line.fee) is int for line in found.lines)
