"""The marathons' donations as purchases and tips: exact to the cent, corrections included, once."""

import gzip
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from billing import chart
from billing.datasets.demo_spends import demo_spends_load
from billing.datasets.marathon_tips import CENTS, marathon_tips_load, totals_of
from billing.models import SpendReversal, TokenSpend
from core.models import DatasetOffset
from core.models.identity import uuid7_derived
from performers.models import PerformerProfile
from streams.datasets.marathon_streams import MINUTE_COLUMNS, MINUTES, PERFORMER, SET
from streams.models import Stream
from tests.accounts.factories import UserFactory
from tests.billing.factories_wallets import assert_proven, balance
from tests.performers.factories_admission import PerformerFactory
from tests.streams.factories_watching import move_stream

pytestmark = pytest.mark.django_db

BEGINS = datetime(2018, 1, 7, 14, tzinfo=UTC)
TOTALS = ("0.0", "50.0", "", "50.0", "155.5", "100.0", "101.3")


@pytest.fixture
def path(tmp_path: Path) -> Path:
    lines = [",".join(MINUTE_COLUMNS)]
    for number, total in enumerate(TOTALS):
        at = (BEGINS + timedelta(minutes=number)).isoformat()
        lines.append(f"agdq2018,{at},1,1,1,1,1,{total}")
    with gzip.open(tmp_path / MINUTES, "wt", encoding="utf-8") as file:
        file.write("\n".join(lines) + "\n")
    return tmp_path


def marathon() -> PerformerProfile:
    """The stream of the marathon, as its import leaves it, and viewers."""
    shift = timedelta(weeks=400)
    DatasetOffset.objects.create(dataset=f"{SET}/agdq2018", shift=shift)
    owner = PerformerFactory(user=UserFactory(handle=PERFORMER), status="verified")
    stream = Stream.objects.create(
        id=uuid7_derived(BEGINS, SET), performer=owner, title="Awesome Games Done Quick 2018"
    )
    move_stream(stream, "starting", "live", "ended")
    Stream.all_objects.filter(pk=stream.pk).update(
        started_at=BEGINS + shift, ended_at=BEGINS + shift + timedelta(days=1)
    )
    for _ in range(3):
        UserFactory()
    return owner


def test_what_is_booked_is_the_total_of_every_minute(path: Path) -> None:
    owner = marathon()
    words = marathon_tips_load(path)
    assert words == "4 tips, 3,000 tokens bought, 1 tips taken back by corrections"
    spent = sum(TokenSpend.objects.filter(reversal__isnull=True).values_list("tokens", flat=True))
    assert spent == 1_013 == 10_130 // CENTS
    assert balance(chart.earnings(owner.pk)) == spent - balance(chart.platform_share())
    assert SpendReversal.objects.count() == 1
    assert_proven()
    assert marathon_tips_load(path) == "there before"


def test_totals_in_the_order_of_time_and_what_is_missing_left_out(path: Path) -> None:
    (totals,) = totals_of(path).values()
    assert [total.tokens for total in totals] == [0, 500, 500, 1_555, 1_000, 1_013]


def test_without_streams_or_people_there_is_nothing_to_bring_in(path: Path) -> None:
    assert marathon_tips_load(path) == "there before"
    assert demo_spends_load() == "nobody to spend, or to spend on"
