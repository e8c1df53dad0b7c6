"""The demo's ingest server goes through the services: the gate holds for it, and it fills up what is missing."""

import pytest

from accounts.choices import RestrictionKind
from streams.demo_ingest import give_signs_of_life, go_on_air
from streams.models import Stream, ViewerCountSample
from tests.accounts.factories import RestrictionFactory
from tests.streams.factories_broadcasting import verified

pytestmark = pytest.mark.django_db


def test_it_fills_up_and_keeps_alive() -> None:
    barred, *_ = [verified() for _ in range(3)]
    RestrictionFactory(user=barred.user, kind=RestrictionKind.STREAM)
    assert go_on_air(3) == 2, "the gate refuses the third"
    assert not Stream.objects.filter(performer=barred, status="live").exists()
    assert give_signs_of_life() == 2
    assert give_signs_of_life() == 2
    assert ViewerCountSample.objects.count() in (2, 4), "one a minute"
    assert go_on_air(2) == 0
