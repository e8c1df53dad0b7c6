"""What happens to performers, told to whoever listens."""

from core.announcements import Announcement

performer_applied = Announcement("performer_applied", "applied as a performer:")
performer_profile_changed = Announcement("performer_profile_changed", "changed the performer's profile of")
performer_submitted = Announcement("performer_submitted", "submitted the application of")
performer_accepted = Announcement("performer_accepted", "accepted as a performer:")
performer_rejected = Announcement("performer_rejected", "rejected the application of")
performer_paused = Announcement("performer_paused", "paused the performing of")
performer_resumed = Announcement("performer_resumed", "resumed the performing of")
performer_expired = Announcement("performer_expired", "ended the admission, for want of a valid document, of")
performer_offboarded = Announcement("performer_offboarded", "offboarded")
identity_declared = Announcement("identity_declared", "declared the identity of")
residence_changed = Announcement("residence_changed", "changed the country of residence of")
languages_changed = Announcement("languages_changed", "changed the languages of")
alias_recorded = Announcement("alias_recorded", "recorded another name of")
attribute_defined = Announcement("attribute_defined", "defined the attribute")
attribute_retired = Announcement("attribute_retired", "retired the attribute")
attribute_set = Announcement("attribute_set", "set an attribute of")
attribute_removed = Announcement("attribute_removed", "removed attributes of")
