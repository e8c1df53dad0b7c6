"""What happens to streams, told to whoever listens."""

from core.announcements import Announcement

stream_scheduled = Announcement("stream_scheduled", "scheduled the stream")
recording_requested = Announcement("recording_requested", "asked for a recording")
recording_reported = Announcement("recording_reported", "heard from the recorder of")
recording_overdue = Announcement("recording_overdue", "heard nothing of a recording and asks for it")
recording_given_up = Announcement("recording_given_up", "gave up a recording of which nothing was heard")
archive_created = Announcement("archive_created", "made an archive")
archive_changed = Announcement("archive_changed", "changed an archive")
archive_published = Announcement("archive_published", "published an archive")
archive_approved = Announcement("archive_approved", "approved an archive")
archive_restricted = Announcement("archive_restricted", "restricted an archive")
archive_removed = Announcement("archive_removed", "removed an archive")
archive_restored = Announcement("archive_restored", "restored an archive that was removed")
archive_deleted = Announcement("archive_deleted", "deleted an archive")
archive_purged = Announcement("archive_purged", "purged an archive")
caption_added = Announcement("caption_added", "added captions to an archive")
segment_muted = Announcement("segment_muted", "muted a part of an archive")
clip_created = Announcement("clip_created", "made a clip of an archive")
clip_removed = Announcement("clip_removed", "removed a clip")
