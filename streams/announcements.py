"""What happens to streams, told to whoever listens."""

from core.announcements import Announcement

stream_scheduled = Announcement("stream_scheduled", "scheduled the stream")

access_rule_set = Announcement("access_rule_set", "set a rule of access to")
access_rule_removed = Announcement("access_rule_removed", "removed a rule of access to")
access_granted = Announcement("access_granted", "put somebody on the private list of")
access_revoked = Announcement("access_revoked", "took somebody off the private list of")
