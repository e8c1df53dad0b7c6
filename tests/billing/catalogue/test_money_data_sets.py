"""Rates are read as their sources state them; gaps and odd ends are told, broken rows named."""

import gzip
import io
from datetime import UTC, datetime
from decimal import Decimal
from itertools import pairwise
from pathlib import Path

import pytest
from django.core.management import CommandError, call_command

from billing.datasets.exchange_rates import read_exchange_rates
from billing.datasets.vat_rates import COLUMNS, read_vat_rates
from billing.models import ExchangeRate, TaxRate
from core.datasets.importing import dataset_import
from core.datasets.registry import BrokenRow, DatasetRefused, Note, ReadRow, dataset

DATA = Path(__file__).parents[3] / "billing" / "data"
Found = ReadRow | BrokenRow | Note


def write(folder: Path, name: str, *lines: str) -> Path:
    (folder / name).write_bytes(gzip.compress("\n".join(lines).encode() + b"\n"))
    return folder


def ecb(folder: Path, *lines: str, head: str = "Date,USD,ISK,") -> Path:
    return write(folder, "ecb_reference_rates.csv.gz", head, *lines)


def vat(folder: Path, *lines: str) -> Path:
    return write(folder, "vat_rates.csv.gz", ",".join(COLUMNS), *lines)


def words(rows: list[Found], kind: type[Note] | type[BrokenRow]) -> list[str]:
    return [str(row) for row in rows if isinstance(row, kind)]


class TestExchangeRates:
    def test_every_row_of_the_source_is_good(self) -> None:
        rows = list(read_exchange_rates(DATA / "exchange_rates"))
        assert len([row for row in rows if isinstance(row, ReadRow)]) == 87_575
        assert words(rows, BrokenRow) == []
        notes = words(rows, Note)
        assert len(notes) == 12
        file = "ecb_reference_rates.csv.gz"
        assert f"{file}, line 2: RUB has no rate on 981 days from 2022-03-02 to 2025-12-31" in notes
        assert f"{file}, line 2028: ISK has no rate on 790 days from 2015-01-02 to 2018-01-31" in notes

    def test_a_rate_holds_over_the_weekend(self, tmp_path: Path) -> None:
        monday, friday = [
            row.value
            for row in read_exchange_rates(ecb(tmp_path, "2024-03-04,1.2,150,", "2024-03-01,1.1,N/A,"))
            if isinstance(row, ReadRow) and row.value.quote == "USD"
        ]
        assert (friday.since, friday.until) == (
            datetime(2024, 3, 1, 15, tzinfo=UTC),
            datetime(2024, 3, 4, 15, tzinfo=UTC),
        )
        assert monday.until == datetime(2024, 3, 11, 15, tzinfo=UTC)

    def test_summer_time_counts(self, tmp_path: Path) -> None:
        rows = read_exchange_rates(ecb(tmp_path, "2024-04-02,1.2,1,", "2024-03-28,1.1,1,"))
        since = [
            row.value.since.hour for row in rows if isinstance(row, ReadRow) and row.value.quote == "USD"
        ]
        assert since == [14, 15]

    def test_gaps_are_told(self, tmp_path: Path) -> None:
        rows = list(
            read_exchange_rates(
                ecb(
                    tmp_path,
                    "2024-03-20,1.3,N/A,",
                    "2024-03-04,1.2,N/A,",
                    "2024-03-01,N/A,150,",
                    "2024-02-29,1.1,150,",
                )
            )
        )
        assert words(rows, Note) == [
            "ecb_reference_rates.csv.gz, line 3: USD has no rate from 2024-03-11 to 2024-03-20",
            "ecb_reference_rates.csv.gz, line 2: ISK has no rate on 2 days from 2024-03-04 to 2024-03-20",
            "ecb_reference_rates.csv.gz, line 4: USD has no rate on 1 day from 2024-03-01 to 2024-03-01",
        ]
        dollars = [row.value for row in rows if isinstance(row, ReadRow) and row.value.quote == "USD"]
        assert [rate.rate for rate in dollars] == [Decimal("1.3"), Decimal("1.2"), Decimal("1.1")]

    @pytest.mark.parametrize(
        ("line", "reason"),
        [
            ("2024-13-01,1.2,1,", "Date '2024-13-01' is no day"),
            ("2024-03-01,abc,1,", "USD 'abc' is no number"),
            ("2024-03-01,0,1,", "is no rate above 0"),
            ("2024-03-01,-1,1,", "is no rate above 0"),
            ("2024-03-01,NaN,1,", "is no rate above 0"),
            ("2024-03-01,1.00000000001,1,", "at most ten decimal places"),
            ("2024-03-01,1.2", "expected 4 columns"),
            ("2024-03-05,1.2,1,", "does not lie before 2024-03-04"),
        ],
    )
    def test_a_broken_row_is_named(self, tmp_path: Path, line: str, reason: str) -> None:
        broken = words(list(read_exchange_rates(ecb(tmp_path, "2024-03-04,1.2,150,", line))), BrokenRow)
        assert len(broken) == 1
        assert broken[0].startswith("ecb_reference_rates.csv.gz, line 3: ")
        assert reason in broken[0]

    @pytest.mark.parametrize("head", ["", "Day,USD,", "Date,", "Date,dollars,"])
    def test_another_file_is_refused(self, tmp_path: Path, head: str) -> None:
        with pytest.raises(DatasetRefused, match="is not Date and codes of currencies"):
            list(read_exchange_rates(ecb(tmp_path, head=head)))
        with pytest.raises(DatasetRefused, match="cannot be read"):
            list(read_exchange_rates(tmp_path / "nowhere"))

    @pytest.mark.django_db
    def test_a_second_import_changes_nothing_and_a_longer_file_goes_on(self, tmp_path: Path) -> None:
        first = ecb(tmp_path, "2024-03-04,1.2,150,", "2024-03-01,1.1,150,")
        imported = dataset_import(dataset=dataset("exchange_rates"), path=first, all_or_nothing=True)
        assert (imported.read, imported.new) == (4, 4)
        before = list(ExchangeRate.objects.order_by("pk").values())
        again = dataset_import(dataset=dataset("exchange_rates"), path=first, all_or_nothing=True)
        assert (again.read, again.new, again.unchanged) == (4, 0, 4)
        assert list(ExchangeRate.objects.order_by("pk").values()) == before
        longer = ecb(tmp_path, "2024-03-05,1.3,N/A,", "2024-03-04,1.2,150,", "2024-03-01,1.1,150,")
        assert dataset_import(dataset=dataset("exchange_rates"), path=longer, all_or_nothing=True).new == 1
        dollars = list(ExchangeRate.objects.filter(quote="USD").order_by("pk"))
        assert all(one.valid.upper == next_one.valid.lower for one, next_one in pairwise(dollars))

    @pytest.mark.django_db
    def test_the_command_tells_the_gaps(self, tmp_path: Path) -> None:
        said = io.StringIO()
        call_command("import_dataset", "exchange_rates", ecb(tmp_path, "2024-03-04,1.2,N/A,"), stdout=said)
        assert said.getvalue().splitlines() == [
            "note: ecb_reference_rates.csv.gz, line 2: ISK has no rate on 1 day from 2024-03-04 to 2024-03-04",
            "exchange_rates: 1 rows read, 1 new, 0 unchanged, 0 broken.",
        ]

    @pytest.mark.django_db
    def test_a_currency_that_nobody_knows_stops_the_import(self, tmp_path: Path) -> None:
        strange = ecb(tmp_path, "2024-03-04,1.2,", head="Date,EUX,")
        with pytest.raises(CommandError, match="nothing was imported.*no currency EUX"):
            call_command("import_dataset", "exchange_rates", strange, stderr=io.StringIO())


class TestVatRates:
    def test_every_row_of_the_source_is_good(self) -> None:
        rows = list(read_vat_rates(DATA / "vat_rates"))
        assert words(rows, BrokenRow) == []
        assert len([row for row in rows if isinstance(row, ReadRow)]) == 302
        notes = words(rows, Note)
        inclusive = [note for note in notes if "is the last day of the rate" in note]
        gaps = [note for note in notes if "no rate is known from 2016-06-01 on" in note]
        assert (len(notes), len(inclusive), len(gaps)) == (16, 5, 11)

    def test_inclusive_and_exclusive_ends_become_half_open(self, tmp_path: Path) -> None:
        rows = list(
            read_vat_rates(
                vat(
                    tmp_path,
                    "2020-01-01,2020-12-31,LU,EUR,0.17,standard,",
                    "2021-01-01,2022-01-01,LU,EUR,0.16,standard,",
                    "2022-01-01,,LU,EUR,0.17,standard,",
                )
            )
        )
        values = [row.value for row in rows if isinstance(row, ReadRow)]
        assert all(one.until == following.since for one, following in pairwise(values))
        assert values[0].until == datetime(2020, 12, 31, 23, tzinfo=UTC)
        assert values[-1].until is None
        assert words(rows, Note) == [
            "vat_rates.csv.gz, line 2: LU: the end 2020-12-31 is the last day of the rate, not the first without it"
        ]

    @pytest.mark.parametrize(
        ("stop", "until", "note"),
        [
            ("2020-12-31", datetime(2021, 1, 1, tzinfo=UTC), "no rate is known from 2021-01-01 on"),
            ("2021-01-01", datetime(2021, 1, 1, tzinfo=UTC), "no rate is known from 2021-01-01 on"),
        ],
    )
    def test_the_last_end_is_told_by_the_day_of_the_month(
        self, tmp_path: Path, stop: str, until: datetime, note: str
    ) -> None:
        rows = list(read_vat_rates(vat(tmp_path, f"2020-01-01,{stop},AI,XCD,0.1,standard,")))
        assert [row.value.until for row in rows if isinstance(row, ReadRow)] == [until]
        assert words(rows, Note) == [f"vat_rates.csv.gz, line 2: AI: {note}"]

    def test_a_gap_between_two_rates_is_told(self, tmp_path: Path) -> None:
        rows = list(
            read_vat_rates(
                vat(
                    tmp_path,
                    "2020-01-01,2020-06-01,PT,EUR,0.2,standard,",
                    "2021-01-01,,PT,EUR,0.23,standard,",
                )
            )
        )
        assert words(rows, Note) == [
            "vat_rates.csv.gz, line 2: PT: no rate is known from 2020-06-01 to 2021-01-01"
        ]

    @pytest.mark.parametrize(
        ("line", "reason"),
        [
            ("2020-01-01,2019-01-01,PT,EUR,0.2,standard,", "does not lie after start_date"),
            ("01/02/2020,,PT,EUR,0.2,standard,", "is no day"),
            ("2020-01-01,,PT,EUR,20,standard,", "lies not between 0 and 1"),
            ("2020-01-01,,PT,EUR,-0.1,standard,", "lies not between 0 and 1"),
            ("2020-01-01,,PT,EUR,none,standard,", "is no number"),
            ("2020-01-01,,PT,EUR,0.2,parking,", "rate_type 'parking' is not known"),
            ("2020-01-01,,Portugal,EUR,0.2,standard,", "is no country or part of one"),
            ("2018-01-01,2019-06-01,PT,EUR,0.2,standard,", "reaches into that of 2019-01-01"),
            ("2019-01-01,,PT,EUR,0.2,standard,", "two rates begin on 2019-01-01"),
        ],
    )
    def test_a_broken_row_is_named(self, tmp_path: Path, line: str, reason: str) -> None:
        broken = words(
            list(read_vat_rates(vat(tmp_path, "2019-01-01,,PT,EUR,0.23,standard,", line))), BrokenRow
        )
        assert len(broken) == 1
        assert reason in broken[0]

    @pytest.mark.django_db
    def test_a_second_import_changes_nothing(self) -> None:
        first = dataset_import(dataset=dataset("vat_rates"), path=DATA / "vat_rates", all_or_nothing=True)
        assert (first.read, first.new) == (302, 302)
        before = list(TaxRate.objects.order_by("pk").values())
        again = dataset_import(dataset=dataset("vat_rates"), path=DATA / "vat_rates", all_or_nothing=True)
        assert (again.new, again.unchanged, len(again.notes)) == (0, 302, 16)
        assert list(TaxRate.objects.order_by("pk").values()) == before

    @pytest.mark.django_db
    def test_a_rate_that_was_open_gets_its_end(self, tmp_path: Path) -> None:
        line = "2020-01-01,,PT,EUR,0.23,standard,"
        dataset_import(dataset=dataset("vat_rates"), path=vat(tmp_path, line), all_or_nothing=True)
        longer = vat(tmp_path, line, "2026-01-01,,PT,EUR,0.24,standard,")
        assert dataset_import(dataset=dataset("vat_rates"), path=longer, all_or_nothing=True).new == 2
        one, following = TaxRate.objects.order_by("pk")
        assert one.valid.upper == following.valid.lower == datetime(2026, 1, 1, tzinfo=UTC)
