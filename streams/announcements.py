"""What happens to streams, told to whoever listens."""

from core.announcements import Announcement

stream_scheduled = Announcement("stream_scheduled", "scheduled the stream")
