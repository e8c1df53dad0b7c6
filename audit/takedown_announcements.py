"""What happened to copyright notices and counter-notices; recorded in the trail."""

from core.announcements import Announcement

takedown_received = Announcement("takedown_received", "took in the copyright notice")
takedown_completed = Announcement("takedown_completed", "added what was missing to the copyright notice")
takedown_found_incomplete = Announcement("takedown_found_incomplete", "asked for what is missing in")
takedown_accepted = Announcement("takedown_accepted", "accepted the copyright notice")
takedown_rejected = Announcement("takedown_rejected", "rejected the copyright notice")
takedown_lapsed = Announcement("takedown_lapsed", "let lapse the copyright notice")
takedown_carried_out = Announcement("takedown_carried_out", "disabled what was named by")
takedown_retracted = Announcement("takedown_retracted", "noted the retraction of")
takedown_imported = Announcement("takedown_imported", "imported the copyright notice")
counter_notice_received = Announcement("counter_notice_received", "took in the counter-notice")
counter_notice_completed = Announcement("counter_notice_completed", "added what was missing to")
counter_notice_found_incomplete = Announcement(
    "counter_notice_found_incomplete", "asked for what is missing in the counter-notice"
)
counter_notice_accepted = Announcement("counter_notice_accepted", "accepted the counter-notice")
counter_notice_rejected = Announcement("counter_notice_rejected", "rejected the counter-notice")
counter_notice_lapsed = Announcement("counter_notice_lapsed", "let lapse the counter-notice")
counter_notice_imported = Announcement("counter_notice_imported", "imported the counter-notice")
action_filed = Announcement("action_filed", "noted an action in court after")
content_restored = Announcement("content_restored", "restored what was disabled, after")
