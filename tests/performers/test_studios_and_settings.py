"""Studios, defaults of streams, presence, regions, payout preferences, figures."""

from datetime import UTC, date, datetime
from decimal import Decimal
from typing import Any
from uuid import uuid4

import pytest

from core.db.context import acting
from core.db.locking import NotThere
from core.db.roles import Role
from core.errors import Refused, StaleVersion
from performers.errors import SettingsRefused, StudioRefused, UnknownRegion
from performers.models import (
    GeoBlock,
    PayoutPreference,
    PerformerMetric,
    PerformerProfile,
    Presence,
    StreamingDefault,
    Studio,
    StudioMembership,
)
from performers.selectors import blocked_regions
from performers.services.geo_blocks import region_block, region_unblock
from performers.services.metrics import Figures, metric_store
from performers.services.payout_preferences import payout_preference_set
from performers.services.presence import presence_clear, presence_set
from performers.services.streaming_defaults import StreamSettings, streaming_defaults_set
from performers.services.studios import studio_join, studio_leave, studio_register
from tests.accounts import conftest as fixtures
from tests.accounts.conftest import Announced
from tests.performers.factories_schedule import (
    GeoBlockFactory,
    MembershipFactory,
    PerformerFactory,
    StudioFactory,
    person_of,
)

pytestmark = pytest.mark.django_db
announced = fixtures.announced


@pytest.fixture
def anna(db: None) -> PerformerProfile:
    return PerformerFactory()


def as_finance(service: Any, actor: PerformerProfile | None = None, **arguments: Any) -> Any:
    colleague = actor or PerformerFactory()
    with acting(Role.FINANCE, user_id=colleague.pk):
        return service(actor=person_of(colleague), **arguments)


def join(
    performer: PerformerProfile, studio: Studio, share: str = "0.25", **options: Any
) -> StudioMembership:
    return as_finance(
        studio_join, studio_id=studio.pk, performer_id=performer.pk, studio_share=Decimal(share),
        reason="contract of May", **options,
    )  # fmt: skip


REGISTRATION = {
    "name": " Casa ",
    "legal_name": "Casa Lda",
    "country": "PT",
    "registration_number": "501 234 567",
}


def test_a_studio_is_registered_joined_and_left(anna: PerformerProfile, announced: Announced) -> None:
    studio = as_finance(studio_register, **REGISTRATION)
    assert studio.name == "Casa"
    membership = join(anna, studio)
    with pytest.raises(StudioRefused, match="belongs to a studio in part of this time"):
        join(anna, StudioFactory())
    ended = as_finance(studio_leave, studio_membership_id=membership.pk, reason="contract over")
    assert ended.valid.upper is not None
    assert join(anna, studio, "0.2").valid.lower > ended.valid.upper
    with pytest.raises(StudioRefused, match="over already"):
        as_finance(studio_leave, studio_membership_id=membership.pk, reason="contract over")
    assert announced.actions == ["studio_registered", "studio_joined", "studio_left", "studio_joined"]
    states = StudioMembership.history.filter(id=membership.pk).order_by("history_id")
    assert [(row.history_type, row.history_change_reason) for row in states] == [
        ("+", "contract of May"),
        ("~", "contract over"),
    ]
    with acting(Role.PERFORMER, user_id=anna.pk):
        assert StudioMembership.objects.in_force().get().studio_share == Decimal("0.2")


@pytest.mark.parametrize("share", ["1.0000000001", "-0.1", "NaN", "Infinity"])
def test_a_share_is_a_part(anna: PerformerProfile, share: str) -> None:
    with pytest.raises(StudioRefused, match="between 0 and 1"):
        join(anna, StudioFactory(), share)
    assert not StudioMembership.objects.exists()


def test_who_joins_no_studio(anna: PerformerProfile) -> None:
    studio = StudioFactory()
    with pytest.raises(StudioRefused, match="their own membership"):
        join(anna, studio, actor=anna)
    with pytest.raises(StudioRefused, match="once the application is accepted"):
        join(PerformerFactory(status="submitted"), studio)
    own = MembershipFactory(performer=anna)
    with pytest.raises((StudioRefused, NotThere)):
        as_finance(studio_leave, anna, studio_membership_id=own.pk, reason="wants to")
    with pytest.raises(StaleVersion):
        as_finance(studio_leave, studio_membership_id=own.pk, reason="wants to", expected_version=7)
    with pytest.raises(NotThere):
        as_finance(
            studio_join,
            studio_id=uuid4(),
            performer_id=anna.pk,
            studio_share=Decimal(0),
            reason="contract of May",
        )


@pytest.mark.parametrize(
    ("changes", "words"),
    [
        ({"country": "ZZ"}, "no country of ISO 3166-1"),
        ({"country": "pt"}, "no country of ISO 3166-1"),
        ({"name": " "}, "Name must have|is not blank"),
        ({"registration_number": "501 234 567\u202e"}, "no control characters"),
        ({}, "exists already"),
    ],
)
def test_what_is_no_studio(changes: dict[str, str], words: str) -> None:
    as_finance(studio_register, **REGISTRATION)
    with pytest.raises(Refused, match=words):
        as_finance(studio_register, **(REGISTRATION | changes))
    assert Studio.objects.count() == 1


def test_defaults_are_set_and_set_again(anna: PerformerProfile, announced: Announced) -> None:
    with acting(Role.PERFORMER, user_id=anna.pk):
        streaming_defaults_set(performer_id=anna.pk, settings=StreamSettings(), actor=person_of(anna))
        settings = StreamSettings(
            bit_rate_kbit=4500,
            private_show_rate=60,
            label_codes=["music", "adult-humour", "music"],
            chat_mode="off",
        )
        row = streaming_defaults_set(performer_id=anna.pk, settings=settings, actor=person_of(anna))
    assert (row.bit_rate_kbit, row.private_show_rate, row.chat_mode) == (4500, 60, "off")
    assert (row.label_codes, row.version) == (["adult-humour", "music"], 2)
    assert announced.actions == ["streaming_defaults_changed"] * 2


@pytest.mark.parametrize(
    ("changes", "words"),
    [
        ({"bit_rate_kbit": -2500}, "bit rate lies between 300 and 20000"),
        ({"bit_rate_kbit": 10**12}, "bit rate lies between"),
        ({"private_show_rate": -1}, "1 to 1000000 tokens"),
        ({"private_show_rate": 10**30}, "1 to 1000000 tokens"),
        ({"resolution": "8k"}, "Resolution must be one of"),
        ({"latency_mode": ""}, "Latency mode must be one of"),
        ({"visibility": "nobody"}, "Visibility must be one of"),
        ({"label_codes": ["Not A Code"]}, "A code of a label"),
        ({"label_codes": [f"label_{number}" for number in range(21)]}, "20 labels at most"),
    ],
)
def test_defaults_that_make_no_sense(anna: PerformerProfile, changes: dict[str, Any], words: str) -> None:
    with acting(Role.PERFORMER, user_id=anna.pk), pytest.raises(SettingsRefused, match=words):
        streaming_defaults_set(
            performer_id=anna.pk, settings=StreamSettings(**changes), actor=person_of(anna)
        )
    assert not StreamingDefault.objects.exists()


def test_presence_is_quiet(anna: PerformerProfile, announced: Announced) -> None:
    with acting(Role.PERFORMER, user_id=anna.pk):
        first = presence_set(performer_id=anna.pk, state="online")
        again = presence_set(performer_id=anna.pk, state="online")
        private = presence_set(performer_id=anna.pk, state="private")
        assert (again.since, again.updated_at) == (first.since, first.updated_at)
        assert private.since > first.since
        assert (private.updated_at, private.pk) == (first.updated_at, first.pk)
        with pytest.raises(SettingsRefused, match="State must be one of"):
            presence_set(performer_id=anna.pk, state="asleep")
        presence_clear(performer_id=anna.pk)
        presence_clear(performer_id=anna.pk)
    with acting(Role.WORKER):
        presence_set(performer_id=anna.pk, state="away")
    assert (Presence.objects.count(), announced) == (1, [])
    paused = PerformerFactory(status="paused")
    with (
        acting(Role.PERFORMER, user_id=paused.pk),
        pytest.raises(SettingsRefused, match="Only a verified performer"),
    ):
        presence_set(performer_id=paused.pk, state="online")


def test_regions_are_blocked_and_shown_again(anna: PerformerProfile, announced: Announced) -> None:
    actor = person_of(anna)
    with acting(Role.PERFORMER, user_id=anna.pk):
        region_block(performer_id=anna.pk, country="DE", subdivision="DE-BY", actor=actor)
        region_block(performer_id=anna.pk, country="PT", actor=actor)
        with pytest.raises(SettingsRefused, match="blocked already"):
            region_block(performer_id=anna.pk, country="PT", actor=actor)
        with pytest.raises(SettingsRefused, match="All of PT is blocked already"):
            region_block(performer_id=anna.pk, country="PT", subdivision="PT-11", actor=actor)
    GeoBlockFactory(country="FR", subdivision=None)
    with acting(Role.VIEWER, user_id=uuid4()):
        assert blocked_regions(anna.pk) == {"DE-BY", "PT"}
    with acting(Role.PERFORMER, user_id=anna.pk):
        region_unblock(performer_id=anna.pk, country="PT", actor=actor)
        with pytest.raises(NotThere):
            region_unblock(performer_id=anna.pk, country="PT", actor=actor)
    assert blocked_regions(anna.pk) == {"DE-BY"}
    assert announced.actions == ["region_blocked", "region_blocked", "region_unblocked"]


@pytest.mark.parametrize(
    ("country", "subdivision"),
    [("XX", None), ("de", None), ("DEU", None), ("", None), ("\x00", None), ("DE", "DE-XX"), ("DE", "Bavaria"),
     ("FR", "DE-BY"), ("DE", "de-by"), ("DE", "")],
)  # fmt: skip
def test_regions_that_do_not_exist(anna: PerformerProfile, country: str, subdivision: str | None) -> None:
    with acting(Role.PERFORMER, user_id=anna.pk), pytest.raises(UnknownRegion):
        region_block(performer_id=anna.pk, country=country, subdivision=subdivision, actor=person_of(anna))
    assert not GeoBlock.objects.exists()


def test_payout_preferences(anna: PerformerProfile) -> None:
    def choose(**changes: Any) -> PayoutPreference:
        values: dict[str, Any] = {"schedule": "weekly", "minimum": 5000, "currency": "EUR"}
        with acting(Role.PERFORMER, user_id=anna.pk):
            return payout_preference_set(performer_id=anna.pk, actor=person_of(anna), **(values | changes))

    assert choose().minimum == 5000
    assert (choose(minimum=10_000).minimum, PayoutPreference.objects.count()) == (10_000, 1)
    for changes, words in (
        ({"currency": "EURO"}, "no currency of ISO 4217"),
        ({"currency": "eur"}, "no currency of ISO 4217"),
        ({"minimum": -1}, "minor units"),
        ({"minimum": 10**20}, "minor units"),
        ({"schedule": "hourly"}, "Schedule must be one of"),
    ):
        with pytest.raises(SettingsRefused, match=words):
            choose(**changes)
    assert PayoutPreference.objects.get().minimum == 10_000


def test_figures_are_stored_over_and_over(anna: PerformerProfile) -> None:
    day = datetime.now(UTC).date()
    with acting(Role.WORKER):
        for followers in (5, 6):
            metric_store(performer_id=anna.pk, day=day, figures=Figures(followers=followers, peak_viewers=3))
        for figures, words in (
            (Figures(followers=-1), "not negative"),
            (Figures(average_viewers=5), "peak is not below"),
        ):
            with pytest.raises(SettingsRefused, match=words):
                metric_store(performer_id=anna.pk, day=day, figures=figures)
        with pytest.raises(Exception, match="row-level security"):
            metric_store(performer_id=anna.pk, day=date(2999, 1, 1), figures=Figures())
    with acting(Role.PERFORMER, user_id=anna.pk):
        assert PerformerMetric.objects.get().followers == 6
