"""What this app tells the rest of the platform, in the transaction in which it happens."""

from core.announcements import Announcement

direct_message_hidden = Announcement("direct_message_hidden", "hid the private message")
direct_message_restored = Announcement("direct_message_restored", "showed again the private message")
attachment_found_malicious = Announcement("attachment_found_malicious", "found malicious the attachment")
attachment_scan_asked = Announcement("attachment_scan_asked", "had scanned again the attachment")
