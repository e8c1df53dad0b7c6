"""The demo shows a marathon's last day with its audience, and says how near the figures come."""

from datetime import UTC, datetime
from pathlib import Path

import pytest

from analytics import marathon_demo
from analytics.models import PlaybackEvent
from billing.datasets.marathon_tips import marathon_tips_load
from engagement.models import ChatMessage
from streams.datasets.marathon_streams import SET
from tests.analytics.marathons.loading import cut, marathon_of
from tests.audit.sealing import settle

pytestmark = pytest.mark.django_db(transaction=True)


def test_the_audience_is_loaded_once_and_compared(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(marathon_demo, "DATA", tmp_path)
    assert marathon_demo.load_audience() == "the marathon is not there"
    folder = tmp_path / SET
    folder.mkdir()
    marathon_of(
        cut(folder, datetime(2019, 6, 29, 23, 50, tzinfo=UTC), datetime(2019, 6, 30, 0, 25, tzinfo=UTC))
    )
    assert "tokens bought" in marathon_tips_load(folder)
    settle()
    said = marathon_demo.load_audience()
    assert "viewers: 25 compared, largest deviation 0." in said
    assert "chat by the hour, to a message: 1 compared, largest deviation 0.00%" in said
    assert "donations: " in said
    assert said.endswith("largest deviation 0.00%, altogether 0.000%"), "to the token, minute by minute"
    counts = PlaybackEvent.objects.count(), ChatMessage.objects.count()
    assert min(counts) > 100
    assert marathon_demo.load_audience().startswith("0 plays with 0 events and 0 messages are new")
    assert (PlaybackEvent.objects.count(), ChatMessage.objects.count()) == counts
