"""How far figures are from the source is told as a share, minute by minute."""

from datetime import UTC, date, datetime, timedelta
from fractions import Fraction

from analytics.datasets.marathons.comparison import by_the_hour, compared, messages, minutes_between, viewers
from analytics.datasets.marathons.curves import CountedMinute, Curve

START = datetime(2019, 6, 23, 23, 58, tzinfo=UTC)
WEEK = timedelta(weeks=1)
CURVE = Curve(
    "sgdq2019",
    tuple(
        CountedMinute(START + timedelta(minutes=number), count, 10)
        for number, count in enumerate((1_000, None, 1_200, 0))
    ),
)
HUNDREDTH = Fraction(1, 100)


def seen(*counts: int) -> dict[datetime, int]:
    return {START + WEEK + timedelta(minutes=number): count for number, count in enumerate(counts)}


def test_what_agrees_is_not_off() -> None:
    found = compared(CURVE.minutes, moved=WEEK, scale=HUNDREDTH, seen=seen(10, 0, 12, 0), counted=viewers)
    assert (found.minutes, found.worst, found.off, found.unseen) == (3, 0, 0, 0)
    assert str(found) == "3 compared, largest deviation 0.00%, altogether 0.000%"


def test_the_worst_minute_is_named_and_sums_are_compared() -> None:
    found = compared(CURVE.minutes, moved=WEEK, scale=HUNDREDTH, seen=seen(10, 3, 9), counted=viewers)
    assert (found.worst, found.worst_at) == (Fraction(1, 4), START + WEEK + timedelta(minutes=2))
    assert (found.expected, found.found, found.off) == (22, 19, Fraction(3, 22))
    assert found.unseen == 1, "the source says nothing of that minute"


def test_somebody_where_there_should_be_nobody_is_wrong() -> None:
    found = compared(CURVE.minutes, moved=WEEK, scale=HUNDREDTH, seen=seen(10, 0, 12, 2), counted=viewers)
    assert found.worst == 2


def test_of_few_one_is_borne_where_that_is_asked_for() -> None:
    def worst(slack: int) -> Fraction:
        found = compared(
            CURVE.minutes,
            moved=WEEK,
            scale=HUNDREDTH,
            seen=seen(11, 0, 10, 0),
            counted=viewers,
            slack=slack,
        )
        return found.worst

    assert (worst(0), worst(1), worst(2)) == (Fraction(1, 6), Fraction(1, 6), 0)


def test_days_are_of_the_moved_minutes_and_hours_add_up() -> None:
    first = START.date() + WEEK
    assert len(list(minutes_between(CURVE, WEEK, first, first + timedelta(days=1)))) == 2
    assert list(minutes_between(CURVE, WEEK, date(2019, 6, 23), date(2019, 6, 24))) == []
    hours = by_the_hour(CURVE.minutes)
    assert [(hour.at, messages(hour)) for hour in hours] == [
        (START.replace(minute=0), 20),
        (START + timedelta(minutes=2), 20),
    ]
