"""What is announced about private messages: what staff and scanners do, never that people write to one another."""

from core.announcements import Announcement

direct_message_hidden = Announcement("direct_message_hidden", "hid the private message")
direct_message_restored = Announcement("direct_message_restored", "showed again the private message")
attachment_found_malicious = Announcement("attachment_found_malicious", "found malicious the attachment")
attachment_scan_asked = Announcement("attachment_scan_asked", "had scanned again the attachment")
