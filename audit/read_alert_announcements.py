"""What oversight announces about alerts on readings; the names of people stand in the alert, never in the trail."""

from core.announcements import Announcement

read_alert_found = Announcement("read_alert_found", "noticed what nobody had:")
read_alert_explained = Announcement("read_alert_explained", "found an explanation for an unusual reading:")
read_alert_confirmed = Announcement("read_alert_confirmed", "found misuse in an unusual reading:")
