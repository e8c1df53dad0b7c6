"""The audience of a real stretch through ingestion and sessions: as many as were counted, each play once."""

from datetime import UTC, datetime, timedelta
from fractions import Fraction
from pathlib import Path

import pytest

from analytics.datasets.marathons.comparison import compared, viewers
from analytics.datasets.marathons.curves import EPOCH, milliseconds
from analytics.datasets.marathons.generation import plays_of, whole
from analytics.datasets.marathons.play_loading import Loaded, marathon_plays_load, reported
from analytics.datasets.marathons.standing import DAY, Standing, people_at_home
from analytics.errors import OtherPlaysThere
from analytics.models import PlaybackEvent, PlaybackRejection, ViewerSession
from core.db.context import acting
from core.db.roles import Role
from tests.analytics.marathons.counting import watching
from tests.analytics.marathons.loading import cut, marathon_of
from tests.analytics.playback_data import roll_up

pytestmark = pytest.mark.django_db(transaction=True)

SCALE = Fraction(1, 1000)


@pytest.fixture
def standing(tmp_path: Path) -> Standing:
    """Forty minutes over midnight."""
    return marathon_of(
        cut(tmp_path, datetime(2019, 6, 29, 23, 40, tzinfo=UTC), datetime(2019, 6, 30, 0, 20, tzinfo=UTC))
    )


def load(
    standing: Standing, *, seed: int = 1, scale: Fraction = SCALE, days: int = 2, heartbeat: int = 30
) -> Loaded:
    with acting(Role.WORKER):
        people = people_at_home(standing.stream.performer_id)
    end = standing.days[1]
    return marathon_plays_load(
        standing=standing,
        scale=scale,
        seed=seed,
        since=end - days * DAY,
        until=end,
        heartbeat=heartbeat,
        people=people,
    )


def seen() -> dict[datetime, int]:
    """Minutes and their viewers, by what the sessions say and a count in Python."""
    rows = ViewerSession.objects.values_list("stream_key", "watched")
    counted = watching(
        (key, [(milliseconds(part.lower), milliseconds(part.upper)) for part in parts]) for key, parts in rows
    )
    return {EPOCH + timedelta(milliseconds=at): count for at, count in counted.items()}


@pytest.mark.parametrize("heartbeat", [30, 90])
def test_sessions_hold_as_many_viewers_as_were_counted(standing: Standing, heartbeat: int) -> None:
    loaded = load(standing, heartbeat=heartbeat)
    assert loaded.rejected == loaded.there_before == 0
    assert loaded.events == PlaybackEvent.objects.count()
    roll_up()
    assert ViewerSession.objects.count() == loaded.plays
    assert seen() == {
        minute.at + standing.moved: whole(minute.viewers, SCALE)
        for minute in standing.curve.minutes
        if minute.viewers
    }
    agreement = compared(
        standing.curve.minutes, moved=standing.moved, scale=SCALE, seen=seen(), counted=viewers
    )
    assert agreement.minutes == 40
    assert agreement.worst < Fraction(1, 100)
    assert agreement.off < Fraction(1, 100)


def test_sessions_say_what_the_plays_were(standing: Standing) -> None:
    load(standing)
    roll_up()
    with acting(Role.WORKER):
        people = people_at_home(standing.stream.performer_id)
    found = {row.pk: row for row in ViewerSession.objects.all()}
    plays = list(plays_of(standing.curve, scale=SCALE, seed=1, moved=standing.moved, people=people))
    assert {play.id for play in plays} == set(found)
    for play in plays:
        row = found[play.id]
        assert [
            (milliseconds(part.lower), milliseconds(part.upper)) for part in row.watched
        ] == play.watched()
        assert (row.country, row.language, row.age_band) == (
            play.viewer.country,
            play.viewer.language,
            play.viewer.age_band,
        )
        assert (row.device_class, row.referrer_class) == (play.device_class, play.referrer_class)
        assert row.is_signed_in == (play.viewer.person is not None)
        assert row.events == len(list(play.events(30)))
    assert any(row.is_signed_in for row in found.values())
    keys = {(play.viewer.person or play.viewer.device): found[play.id].stream_key for play in plays}
    assert len(set(keys.values())) == len(keys), "one key for each viewer"


def test_a_second_run_sends_nothing_and_another_day_is_added(standing: Standing) -> None:
    second = load(standing, days=1)
    again = load(standing, days=1)
    assert (again.plays, again.events, again.there_before) == (0, 0, second.plays)
    assert not PlaybackRejection.objects.exists(), "nothing was sent a second time"
    both = load(standing)
    assert both.there_before == second.plays
    assert PlaybackEvent.objects.count() == second.events + both.events
    roll_up()
    assert seen()[standing.curve.starts_at + standing.moved] > 100


def test_what_was_ended_goes_on_where_it_was(standing: Standing, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("analytics.datasets.marathons.play_loading.EVENTS_AT_ONCE", 300)

    def stop(loaded: Loaded) -> None:
        if loaded.plays > 60:
            raise KeyboardInterrupt

    with acting(Role.WORKER):
        people = people_at_home(standing.stream.performer_id)
    first, end = standing.days
    wanted = {"standing": standing, "scale": SCALE, "seed": 1, "since": first, "until": end}
    with pytest.raises(KeyboardInterrupt):
        marathon_plays_load(**wanted, heartbeat=30, people=people, progress=stop)
    kept = PlaybackEvent.objects.values("playback").distinct().count()
    assert kept > 60
    rest = load(standing)
    assert rest.there_before == kept
    assert rest.rejected == 0
    roll_up()
    assert max(seen().values()) == max(whole(minute.viewers or 0, SCALE) for minute in standing.curve.minutes)


@pytest.mark.parametrize(("seed", "scale"), [(2, SCALE), (1, Fraction(1, 500))])
def test_two_audiences_do_not_watch_at_once(standing: Standing, seed: int, scale: Fraction) -> None:
    load(standing, days=1)
    before = PlaybackEvent.objects.count()
    with pytest.raises(OtherPlaysThere, match="two audiences would watch at once"):
        load(standing, seed=seed, scale=scale, days=1)
    assert PlaybackEvent.objects.count() == before


def test_what_belongs_to_the_start_is_said_by_the_start_alone(standing: Standing) -> None:
    play = next(plays_of(standing.curve, scale=SCALE, seed=1, moved=standing.moved))
    start, *others = reported(play, stream_id=standing.stream.pk, heartbeat=30)
    assert (start.country, start.device_class) == (play.viewer.country, play.device_class)
    assert {(event.country, event.device_class, event.referrer_class) for event in others} == {
        (None, None, None)
    }
