"""What notifications tell the rest of the platform: decisions of staff, never single deliveries."""

from core.announcements import Announcement

template_drafted = Announcement("notification_template_drafted", "drafted a wording of the template")
template_revised = Announcement("notification_template_revised", "revised a wording of the template")
template_published = Announcement("notification_template_published", "published a wording of the template")
template_discarded = Announcement("notification_template_discarded", "discarded a wording of the template")
trigger_routed = Announcement("notification_trigger_routed", "chose the channels of the notification")
delivery_retried = Announcement("delivery_retried", "had tried again the delivery")
address_suppressed = Announcement("address_suppressed", "suppressed an address:")
suppression_lifted = Announcement("suppression_lifted", "sends again to an address:")
