"""What oversight itself does to the trail, and what compliance decides; it is recorded there too."""

from core.announcements import Announcement

labels_erased = Announcement("labels_erased", "erased the words of the trail about")
trail_rebased = Announcement("trail_rebased", "began a new epoch of seals:")

# About the hold, never about the person: who reads people's events does not learn of it.
legal_hold_placed = Announcement("legal_hold_placed", "placed a legal hold:")
legal_hold_prolonged = Announcement("legal_hold_prolonged", "prolonged a legal hold:")
legal_hold_released = Announcement("legal_hold_released", "released a legal hold:")
held_rows_copied = Announcement("held_rows_copied", "copied rows out for a legal hold:")

retention_change_proposed = Announcement("retention_change_proposed", "proposed another retention of")
retention_change_withdrawn = Announcement("retention_change_withdrawn", "turned down another retention of")
retention_policy_changed = Announcement("retention_policy_changed", "changed the retention of")
retention_obeyed = Announcement("retention_obeyed", "deleted what was over by the policy of")
records_released = Announcement("records_released", "deleted records that the law no longer demands, about")

transparency_report_exported = Announcement(
    "transparency_report_exported", "exported the transparency report as"
)
statement_submitted = Announcement("statement_submitted", "handed to the transparency database the statement")

trail_verification_asked = Announcement("trail_verification_asked", "had the trail verified:")
trail_verification_ended = Announcement("trail_verification_ended", "verified the trail:")
event_proof_made = Announcement("event_proof_made", "saved the proof of")

partition_archived = Announcement("partition_archived", "moved rows into the archive:")
partition_restored = Announcement("partition_restored", "brought rows back from the archive:")
archived_partition_destroyed = Announcement("archived_partition_destroyed", "destroyed in the archive:")
archive_queried = Announcement("archive_queried", "asked the archive:")
