"""What happens to performers, told to whoever listens."""

from core.announcements import Announcement

performer_applied = Announcement("performer_applied", "applied as a performer:")

series_published = Announcement("series_published", "published a series of broadcasts of")
series_changed = Announcement("series_changed", "changed a series of broadcasts of")
series_prolonged = Announcement("series_prolonged", "prolonged a series of broadcasts of")
series_ended = Announcement("series_ended", "ended a series of broadcasts of")
broadcast_planned = Announcement("broadcast_planned", "planned a broadcast of")
broadcast_moved = Announcement("broadcast_moved", "moved a planned broadcast of")
broadcast_cancelled = Announcement("broadcast_cancelled", "cancelled a planned broadcast of")
time_off_taken = Announcement("time_off_taken", "entered time off of")
time_off_withdrawn = Announcement("time_off_withdrawn", "withdrew time off of")
studio_registered = Announcement("studio_registered", "registered the studio")
studio_joined = Announcement("studio_joined", "recorded that a studio was joined by")
studio_left = Announcement("studio_left", "recorded that a studio was left by")
streaming_defaults_changed = Announcement("streaming_defaults_changed", "changed the streaming defaults of")
region_blocked = Announcement("region_blocked", "blocked a region for")
region_unblocked = Announcement("region_unblocked", "unblocked a region for")
payout_preference_changed = Announcement("payout_preference_changed", "changed the payout preference of")
