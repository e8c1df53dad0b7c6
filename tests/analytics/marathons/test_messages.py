"""Invented chat: as many messages in each minute as the source counted."""

from collections import Counter
from datetime import date, timedelta
from fractions import Fraction
from uuid import UUID

import pytest

from analytics.datasets.marathons.curves import Curve, curves_of
from analytics.datasets.marathons.messages import messages_of
from core.models.identity import uuid7_instant
from engagement.chat_drafts import body_refusal
from streams.datasets.marathon_streams import SET
from streams.demo import DATA

PEOPLE = [UUID(int=number) for number in range(50)]
FOUND = curves_of(DATA / SET)["sgdq2019"]


def test_at_full_scale_every_minute_has_its_messages() -> None:
    half_a_day = Curve(FOUND.event, FOUND.minutes[-720:])
    said = Counter(
        message.at.replace(second=0, microsecond=0)
        for message in messages_of(half_a_day, scale=Fraction(1), seed=1, people=PEOPLE)
    )
    assert said == Counter({minute.at: minute.messages for minute in half_a_day.minutes})


@pytest.mark.parametrize("scale", [Fraction(1, 10), Fraction(1, 77)])
def test_at_any_scale_every_stretch_is_right_to_a_message(scale: Fraction) -> None:
    said = Counter(
        message.at.replace(second=0, microsecond=0)
        for message in messages_of(FOUND, scale=scale, seed=1, people=PEOPLE)
    )
    written = real = 0
    for minute in FOUND.minutes:
        written += said[minute.at]
        real += minute.messages
        assert abs(written - real * scale) <= Fraction(1, 2)


def test_ids_are_of_their_instants_and_different_and_the_same_again() -> None:
    found = list(messages_of(FOUND, scale=Fraction(1, 100), seed=1, people=PEOPLE))
    assert len({message.id for message in found}) == len(found)
    assert all(uuid7_instant(message.id) == message.at for message in found)
    assert found == list(messages_of(FOUND, scale=Fraction(1, 100), seed=1, people=PEOPLE))
    assert not any(body_refusal(message.text) for message in found)


def test_without_people_nobody_says_anything() -> None:
    assert not list(messages_of(FOUND, scale=Fraction(1), seed=1, people=()))


def test_a_day_has_the_same_messages_whichever_days_are_asked_for() -> None:
    day = date(2019, 6, 27)
    every = list(messages_of(FOUND, scale=Fraction(1, 50), seed=1, people=PEOPLE))
    one = list(
        messages_of(
            FOUND, scale=Fraction(1, 50), seed=1, people=PEOPLE, since=day, until=day + timedelta(days=1)
        )
    )
    assert one == [message for message in every if message.at.date() == day]
    assert len(one) > 1_000
