"""The rooms of streams in the back office."""

from streams.admin import people_in_streams, performer_page, streams

__all__ = ["people_in_streams", "performer_page", "streams"]
