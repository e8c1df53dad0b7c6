"""Figures: what happened, by bucket."""

from analytics.models.playback_event import PlaybackEvent
from analytics.models.playback_rejection import PlaybackRejection
from analytics.models.rollup import RollupSource, RollupState, RollupTouch
from analytics.models.rotating_salt import PlaybackViewer, RotatingSalt
from analytics.models.viewer_session import ViewerSession

__all__ = [
    "PlaybackEvent",
    "PlaybackRejection",
    "PlaybackViewer",
    "RollupSource",
    "RollupState",
    "RollupTouch",
    "RotatingSalt",
    "ViewerSession",
]
