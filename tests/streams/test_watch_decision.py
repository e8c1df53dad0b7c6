"""May this viewer watch it? A truth table, the order of reasons, and two queries however many grounds there are."""

import itertools
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import timedelta
from typing import Any
from uuid import uuid4

import pytest
from django.db import transaction
from django.db.models import BooleanField, Exists, OuterRef, Value
from django.db.models.expressions import ExpressionWrapper
from django.utils import timezone

from accounts.models import User
from core.db.context import acting
from core.db.roles import Role
from performers.models import GeoBlock, PerformerProfile
from streams.choices import AccessKind
from streams.errors import WatchRefused
from streams.models import ViewerLabelPreference
from streams.watching import Ground, grounds, register_ground, watch_decision
from tests.accounts.factories import RestrictionFactory, UserFactory, period
from tests.sql import refused, run
from tests.streams.factories_watching import (
    archive,
    demand,
    invited,
    label,
    labelled,
    move_performer,
    of_age,
    performer,
    stream,
)

pytestmark = pytest.mark.django_db

TRUE = ExpressionWrapper(Value(True), output_field=BooleanField())


@pytest.fixture(autouse=True)
def no_grounds(monkeypatch: pytest.MonkeyPatch) -> None:
    """Whatever other apps registered is put aside."""
    monkeypatch.setattr(grounds, "_grounds", {})


def decide(viewer: User | None, **asked: Any) -> Any:
    """Ask as the public site does: as a viewer, about oneself."""
    with acting(Role.VIEWER, user_id=viewer.pk if viewer else None):
        return watch_decision(viewer_id=viewer.pk if viewer else None, **asked)


# The table: each dimension with its values; the oracle says what they mean.
STATES = ("live", "private", "private_invited", "ended", "offboarded")
REGIONS = ("open", "blocked", "rule")
LABELS = ("none", "adult_only", "hidden", "blurred")
AUDIENCES = ("none", "followers", "private_list")
VIEWERS = ("anonymous", "adult", "unchecked", "suspended")


def oracle(state: str, region: str, labelling: str, audience: str, viewer: str) -> tuple[bool, str]:
    """The rules of docs/guides/watching.md in plain Python."""
    signed_in = viewer != "anonymous"
    on_the_list = signed_in and state == "private_invited"
    steps = (
        ("not_there", state == "private" or (state == "private_invited" and not signed_in)),
        ("not_shown", state == "ended"),
        ("performer_not_public", state == "offboarded"),
        ("account", viewer == "suspended"),
        ("region_blocked", region == "blocked"),
        ("country_rule", region == "rule"),
        ("age", labelling == "adult_only" and viewer != "adult"),
        ("hidden_by_preference", labelling == "hidden" and signed_in),
        ("followers_only", audience == "followers"),
        ("private_list_only", audience == "private_list" and not on_the_list),
    )
    reason = next((code for code, holds in steps if holds), "")
    return not reason, reason


def test_truth_table() -> None:
    people: dict[str, User | None] = {
        "anonymous": None,
        "adult": UserFactory(),
        "unchecked": UserFactory(),
        "suspended": UserFactory(status="suspended"),
    }
    of_age(people["adult"])  # type: ignore[arg-type]
    labels = {
        "adult_only": label("only_for_adults", 18),
        "hidden": label("spiders_close_up"),
        "blurred": label("blood_in_pictures"),
    }
    for person in filter(None, people.values()):
        ViewerLabelPreference.objects.create(viewer=person, label=labels["hidden"], action="hide")
        ViewerLabelPreference.objects.create(viewer=person, label=labels["blurred"], action="blur")
    wrong = []
    for state in STATES:
        shown = stream(
            status="ended" if state == "ended" else "live",
            visibility="private" if state.startswith("private") else "public",
        )
        if state == "private_invited":
            for person in filter(None, people.values()):
                invited(shown, person)
        if state == "offboarded":
            move_performer(shown.performer, "offboarded")
        for region, labelling, audience in itertools.product(REGIONS, LABELS, AUDIENCES):
            with undone():
                if region == "blocked":
                    GeoBlock.objects.create(performer=shown.performer, country="PT")
                if region == "rule":
                    demand(shown, "countries", countries=["DE"], country_mode="allowed")
                if labelling != "none":
                    labelled(shown, labels[labelling])
                if audience != "none":
                    demand(shown, audience)
                for viewer in VIEWERS:
                    found = decide(people[viewer], stream_id=shown.pk, country="PT")
                    expected = oracle(state, region, labelling, audience, viewer)
                    blurred = ("blood_in_pictures",) if labelling == "blurred" and people[viewer] else ()
                    if (found.allowed, found.reason) != expected or found.blurred_labels != blurred:
                        wrong.append((state, region, labelling, audience, viewer, found.reason, expected))
    assert wrong == []


@contextmanager
def undone() -> Iterator[None]:
    """A world of its own: what the block writes is taken back."""
    with transaction.atomic():
        yield
        transaction.set_rollback(True)


def test_every_reason_comes_in_the_documented_order() -> None:
    """All reasons at once; one after the other is taken away."""
    shown = stream(status="ended", visibility="private")
    viewer = UserFactory(status="suspended")
    hidden = label("spiders_close_up")
    ViewerLabelPreference.objects.create(viewer=viewer, label=hidden, action="hide")
    labelled(shown, hidden, label("only_for_adults", 18))
    GeoBlock.objects.create(performer=shown.performer, country="PT")
    demand(shown, "countries", countries=["PT"], country_mode="denied")
    demand(shown, "followers")
    move_performer(shown.performer, "offboarded")
    register_ground(Ground(code="blocked", order=90, words="Not you.", refuses=TRUE))

    def found() -> str:
        return str(decide(viewer, stream_id=shown.pk, country="PT").reason)

    assert found() == "not_there"
    assert decide(viewer, stream_id=uuid4()).reason == "not_there"
    grant = invited(shown, viewer)
    assert found() == "not_shown"
    again = stream(shown_performer := performer(), visibility="private")
    assert shown_performer.status == "verified"
    labelled(again, hidden, label("only_for_adults", 18))
    invited(again, viewer)
    GeoBlock.objects.create(performer=again.performer, country="PT")
    denied = demand(again, "countries", countries=["PT"], country_mode="denied")
    followers = demand(again, "followers")
    shown = again
    assert found() == "account"
    User.objects.filter(pk=viewer.pk).update(status="active")
    assert found() == "region_blocked"
    run("DELETE FROM performers_geoblock WHERE performer_id = %s", [again.performer_id])
    assert found() == "country_rule"
    denied.delete()
    assert found() == "age"
    of_age(viewer)
    assert found() == "hidden_by_preference"
    ViewerLabelPreference.objects.all().delete()
    assert found() == "followers_only"
    followers.delete()
    assert found() == "blocked"
    assert grant.user_id == viewer.pk


def test_the_performer_herself_is_stopped_by_nothing_but_absence_air_and_her_account() -> None:
    mine = stream(status="starting", visibility="private")
    owner = User.objects.get(pk=mine.performer_id)
    labelled(mine, label("only_for_adults", 18))
    GeoBlock.objects.create(performer=mine.performer, country="PT")
    demand(mine, "subscribers")
    register_ground(Ground(code="blocked", order=90, words="Not you.", refuses=TRUE))
    with acting(Role.PERFORMER, user_id=owner.pk):
        decision = watch_decision(viewer_id=owner.pk, stream_id=mine.pk, country="PT")
        assert decision.allowed
        asked = {answer.code for answer in decision.answers if answer.refuses is not None}
        assert asked == {"not_there", "not_shown", "account"}
    RestrictionFactory(user=owner, kind="sign_in")
    assert decide(owner, stream_id=mine.pk).reason == "account"
    over = stream(status="ended")
    assert decide(User.objects.get(pk=over.performer_id), stream_id=over.pk).reason == "not_shown"


def test_archives_and_whose_rules_hold() -> None:
    viewer = UserFactory()
    source = stream(status="ended")
    demand(source, "private_list")
    kept = archive(source)
    assert decide(viewer, archive_id=kept.pk).reason == "private_list_only"
    place = invited(source, viewer)
    assert decide(viewer, archive_id=kept.pk).allowed, "the stream's list lets in where its rules hold"
    demand(kept, "subscribers")
    assert decide(viewer, archive_id=kept.pk).reason == "subscribers_only", "rules of its own"
    assert place.stream_id == source.pk
    for status in ("processing", "pending", "restricted"):
        waiting = archive(stream(status="ended"), status=status)
        assert decide(viewer, archive_id=waiting.pk).reason == "not_shown"
    gone = archive(stream(status="ended"), status="removed")
    assert decide(User.objects.get(pk=gone.performer_id), archive_id=gone.pk).reason == "not_there"
    early = archive(stream(status="ended"), published=timezone.now() + timedelta(hours=1))
    assert decide(viewer, archive_id=early.pk).reason == "not_shown"
    assert decide(viewer, archive_id=early.pk, at=timezone.now() + timedelta(hours=2)).allowed


@pytest.mark.parametrize(
    ("where", "country", "subdivision", "allowed"),
    [
        (("US", "US-CA"), "US", "US-CA", False),
        (("US", "US-CA"), "US", "US-NY", True),
        (("US", "US-CA"), "US", None, False),
        (("US", "US-CA"), "CA", None, True),
        (("US", None), "US", "US-NY", False),
        (("US", None), None, None, False),
        (None, None, None, True),
    ],
)
def test_regions(where: tuple[str, str | None] | None, country: Any, subdivision: Any, allowed: bool) -> None:
    shown = stream()
    if where:
        GeoBlock.objects.create(performer=shown.performer, country=where[0], subdivision=where[1])
    assert decide(None, stream_id=shown.pk, country=country, subdivision=subdivision).allowed is allowed


@pytest.mark.parametrize(
    ("band", "demanded", "allowed"),
    [
        ("18_20", 18, True),
        ("18_20", 19, False),
        ("21_24", 21, True),
        ("25_plus", 26, False),
        (None, 1, False),
    ],
)
def test_ages(band: str | None, demanded: int, allowed: bool) -> None:
    shown, viewer = stream(), UserFactory()
    if band:
        of_age(viewer, band)
    demand(shown, "minimum_age", minimum_age=demanded)
    assert decide(viewer, stream_id=shown.pk).allowed is allowed
    assert decide(None, stream_id=shown.pk).reason == "age", "nobody signed in is nobody of age"
    run_out = timezone.now() + timedelta(days=400)
    if band:
        run("UPDATE accounts_ageassurance SET valid = tstzrange(lower(valid), now() + interval '1 hour')")
        assert decide(viewer, stream_id=shown.pk, at=run_out).reason == "age"


def test_two_queries_however_many_grounds(django_assert_num_queries: Any) -> None:
    shown, viewer = stream(), UserFactory()
    with acting(Role.VIEWER, user_id=viewer.pk):
        with django_assert_num_queries(1):
            assert watch_decision(viewer_id=viewer.pk, stream_id=shown.pk).allowed
        for number in range(50):
            register_ground(
                Ground(
                    code=f"ground_{number}",
                    order=100 + number,
                    words="No.",
                    refuses=Exists(
                        PerformerProfile.objects.filter(
                            pk=OuterRef("performer_id"),
                            user_id=OuterRef("viewer_id"),
                            created_at__lte=OuterRef("at"),
                        )
                    ),
                )
            )
        with django_assert_num_queries(2):
            decision = watch_decision(viewer_id=viewer.pk, stream_id=shown.pk, country="PT")
        assert decision.allowed
        assert sum(answer.order >= 100 for answer in decision.answers) == 50
        with django_assert_num_queries(2):
            assert watch_decision(viewer_id=None, stream_id=shown.pk).allowed


def test_registered_grounds_permit_and_refuse() -> None:
    shown, fan, other = stream(), UserFactory(), UserFactory()
    demand(shown, "subscribers")
    demand(shown, "ticket")
    assert decide(fan, stream_id=shown.pk).reason == "subscribers_only"
    assert "or people with a ticket" in decide(fan, stream_id=shown.pk).words
    is_fan = Exists(User.objects.filter(pk=OuterRef("viewer_id"), handle=fan.handle))
    register_ground(
        Ground(code="has_ticket", order=91, words="A ticket.", permits=is_fan, audience=AccessKind.TICKET)
    )
    assert decide(fan, stream_id=shown.pk).allowed
    assert decide(other, stream_id=shown.pk).reason == "subscribers_only"
    register_ground(Ground(code="blocked", order=90, words="Not you.", refuses=is_fan))
    assert decide(fan, stream_id=shown.pk).reason == "blocked"
    for bad in (
        {"code": "blocked", "order": 99, "refuses": TRUE},
        {"code": "new", "order": 90, "refuses": TRUE},
        {"code": "new", "order": 10, "refuses": TRUE},
        {"code": "new", "order": 99},
        {"code": "new", "order": 99, "permits": TRUE},
        {"code": "new", "order": 99, "permits": TRUE, "audience": AccessKind.PUBLIC},
    ):
        with pytest.raises(ValueError, match="ground"):
            register_ground(Ground(words="No.", **bad))  # type: ignore[arg-type]


def test_nobody_asks_about_somebody_else() -> None:
    shown, viewer, other = stream(), UserFactory(), UserFactory()
    for role in (Role.VIEWER, Role.PERFORMER):
        with acting(role, user_id=viewer.pk), refused("Only for oneself"):
            watch_decision(viewer_id=other.pk, stream_id=shown.pk)
    with acting(Role.SUPPORT, user_id=viewer.pk):
        assert watch_decision(viewer_id=other.pk, stream_id=shown.pk).allowed
    with acting(Role.FINANCE, user_id=viewer.pk), refused("permission denied"):
        watch_decision(viewer_id=other.pk, stream_id=shown.pk)


@pytest.mark.parametrize(
    ("asked", "words"),
    [
        ({}, "Name a stream or an archive"),
        ({"stream_id": uuid4(), "archive_id": uuid4()}, "only one of them"),
        ({"stream_id": uuid4(), "country": "ZZ"}, "no country with the code 'ZZ'"),
        ({"stream_id": uuid4(), "country": "pt"}, "no country"),
        ({"stream_id": uuid4(), "country": "DE", "subdivision": "DE-XX"}, "no part of a country"),
        ({"stream_id": uuid4(), "country": "DE", "subdivision": "US-CA"}, "does not lie in DE"),
    ],
)
def test_questions_that_make_no_sense(asked: dict[str, Any], words: str) -> None:
    with pytest.raises(WatchRefused, match=words):
        decide(None, **asked)


def test_a_grant_holds_in_its_period_alone() -> None:
    shown, viewer = stream(visibility="private"), UserFactory()
    now = timezone.now()
    invited(shown, viewer, valid=period(now - timedelta(days=2), now - timedelta(days=1)))
    assert decide(viewer, stream_id=shown.pk).reason == "not_there"
    assert decide(viewer, stream_id=shown.pk, at=now - timedelta(hours=36)).allowed
