"""Tax: the net is rounded half up and the tax is what remains; what is published elsewhere comes out here."""

from datetime import UTC, datetime
from decimal import Decimal
from fractions import Fraction
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from billing.catalogue_choices import TaxBehaviour
from billing.errors import TaxGap, TaxRefused
from billing.models.currency import LARGEST_AMOUNT
from billing.taxation import TaxSplit, tax_rate_for, tax_split
from core.datasets.importing import dataset_import
from core.datasets.registry import dataset

INCLUSIVE, EXCLUSIVE = TaxBehaviour.INCLUSIVE, TaxBehaviour.EXCLUSIVE
RATES = st.decimals(0, 1, places=4)


@pytest.mark.parametrize(
    ("amount", "rate", "behaviour", "net", "tax"),
    [
        # docs/decisions/0039: 2.99 including 4 per cent; with the tax (0.115) rounded first it would be 0.12.
        (299, "0.04", INCLUSIVE, 288, 11),
        # hmrc.gov.uk, Calculating VAT for VAT-inclusive and VAT-exclusive prices: 100 at 20 and at 5 per cent.
        (10_000, "0.20", EXCLUSIVE, 10_000, 2_000),
        (10_000, "0.05", EXCLUSIVE, 10_000, 500),
        # HMRC's VAT fractions: 1/6 of 120.00, 3/23 of 115.00, 7/47 of 117.50.
        (12_000, "0.20", INCLUSIVE, 10_000, 2_000),
        (11_500, "0.15", INCLUSIVE, 10_000, 1_500),
        (11_750, "0.175", INCLUSIVE, 10_000, 1_750),
        # Zynk, How to calculate VAT from a gross price: 14.99 at 15 per cent.
        (1_499, "0.15", INCLUSIVE, 1_303, 196),
        # got2bill/onlinebon-docs, gross-net-tax-calculation.md: 1.49 at 10 per cent.
        (149, "0.10", INCLUSIVE, 135, 14),
        # Without decimal places: 500 yen with 10 per cent within.
        (500, "0.10", INCLUSIVE, 455, 45),
        (299, "0", INCLUSIVE, 299, 0),
        (299, "0", EXCLUSIVE, 299, 0),
        (1, "0.2", INCLUSIVE, 1, 0),
        (10, "0.05", EXCLUSIVE, 10, 1),
    ],
)
def test_published_examples(amount: int, rate: str, behaviour: TaxBehaviour, net: int, tax: int) -> None:
    assert tax_split(amount, Decimal(rate), behaviour) == TaxSplit(net, tax, net + tax)


@given(st.integers(-LARGEST_AMOUNT, LARGEST_AMOUNT), RATES, st.sampled_from(TaxBehaviour))
def test_nothing_is_lost_and_rounding_is_half_a_unit_at_most(
    amount: int, rate: Decimal, behaviour: TaxBehaviour
) -> None:
    split = tax_split(amount, rate, behaviour)
    assert split.net + split.tax == split.gross
    assert amount == (split.gross if behaviour == INCLUSIVE else split.net)
    exact = (
        Fraction(split.gross) / (1 + Fraction(rate)) if behaviour == INCLUSIVE else amount * Fraction(rate)
    )
    rounded = split.net if behaviour == INCLUSIVE else split.tax
    assert abs(rounded - exact) <= Fraction(1, 2)
    assert abs(split.net) <= abs(split.gross)


@given(st.integers(0, LARGEST_AMOUNT), RATES, st.sampled_from(TaxBehaviour))
def test_a_reversal_is_the_mirror(amount: int, rate: Decimal, behaviour: TaxBehaviour) -> None:
    there, back = tax_split(amount, rate, behaviour), tax_split(-amount, rate, behaviour)
    assert (back.net, back.tax, back.gross) == (-there.net, -there.tax, -there.gross)


@pytest.mark.parametrize(
    "rate", [Decimal("-0.01"), Decimal("1.01"), Decimal("NaN"), Decimal("Infinity"), 0.2, 1]
)
def test_what_is_no_rate_is_refused(rate: Decimal) -> None:
    with pytest.raises(TaxRefused, match="between 0 and 1"):
        tax_split(100, rate, INCLUSIVE)


def test_what_is_no_amount_is_refused() -> None:
    with pytest.raises(TypeError, match="whole number"):
        tax_split(2.99, Decimal("0.04"), INCLUSIVE)  # type: ignore[arg-type]


@pytest.mark.django_db
class TestRates:
    @pytest.fixture(autouse=True)
    def rates(self, db: None) -> None:
        path = Path(__file__).parents[3] / "billing" / "data" / "vat_rates"
        dataset_import(dataset=dataset("vat_rates"), path=path, all_or_nothing=True)

    @pytest.mark.parametrize(
        ("country", "part", "at", "rate"),
        [
            ("PT", None, datetime(2024, 5, 1, tzinfo=UTC), "0.23"),
            ("PT", "PT-20", datetime(2024, 5, 1, tzinfo=UTC), "0.18"),
            ("PT", "PT-11", datetime(2024, 5, 1, tzinfo=UTC), "0.23"),
            ("GB", None, datetime(2024, 5, 1, tzinfo=UTC), "0.20"),
            ("GR", None, datetime(2024, 5, 1, tzinfo=UTC), "0.24"),
            # The source says that Luxembourg's 17 per cent ended on 31 December 2022, that day included.
            ("LU", None, datetime(2022, 12, 31, 22, 59, tzinfo=UTC), "0.17"),
            ("LU", None, datetime(2022, 12, 31, 23, 0, tzinfo=UTC), "0.16"),
            ("LU", None, datetime(2023, 12, 31, 22, 59, tzinfo=UTC), "0.16"),
            ("LU", None, datetime(2023, 12, 31, 23, 0, tzinfo=UTC), "0.17"),
            # And that Germany's 16 per cent ended on 1 January 2021, that day excluded: at midnight in Berlin.
            ("DE", None, datetime(2020, 12, 31, 22, 59, tzinfo=UTC), "0.16"),
            ("DE", None, datetime(2020, 12, 31, 23, 0, tzinfo=UTC), "0.19"),
        ],
    )
    def test_the_rate_of_a_place_and_time(
        self, country: str, part: str | None, at: datetime, rate: str
    ) -> None:
        assert tax_rate_for(country, at, part=part).rate == Decimal(rate)

    @pytest.mark.parametrize(
        ("country", "at"),
        [("US", datetime(2024, 5, 1, tzinfo=UTC)), ("PT", datetime(1950, 1, 1, tzinfo=UTC))],
    )
    def test_a_gap_is_an_error(self, country: str, at: datetime) -> None:
        with pytest.raises(TaxGap, match=f"No standard rate of tax is known in {country}"):
            tax_rate_for(country, at)

    @pytest.mark.parametrize(
        ("country", "part", "words"),
        [("EL", None, "no country"), ("pt", None, "no country"), ("PT", "ES-CN", "does not lie in PT")],
    )
    def test_what_is_no_place_is_refused(self, country: str, part: str | None, words: str) -> None:
        with pytest.raises(TaxRefused, match=words):
            tax_rate_for(country, datetime(2024, 5, 1, tzinfo=UTC), part=part)
