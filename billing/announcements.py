"""What this app tells the rest of the platform, in the transaction in which it happens."""

from core.announcements import Announcement

order_placed = Announcement("order_placed", "placed an order:")
order_cancelled = Announcement("order_cancelled", "cancelled an order:")
payment_method_added = Announcement("payment_method_added", "added a payment method of")
payment_method_detached = Announcement("payment_method_detached", "detached a payment method of")
payment_captured = Announcement("payment_captured", "captured a payment:")
payment_declined = Announcement("payment_declined", "was declined a payment:")
payment_voided = Announcement("payment_voided", "let go of a payment:")
capture_requested = Announcement("capture_requested", "asked to capture a payment:")
void_requested = Announcement("void_requested", "asked to let go of a payment:")
payment_asked_again = Announcement("payment_asked_again", "asked the provider again about a payment:")
refund_requested = Announcement("refund_requested", "asked for a refund of a payment:")
refund_succeeded = Announcement("refund_succeeded", "refunded a payment:")
refund_failed = Announcement("refund_failed", "could not refund a payment:")
approval_asked = Announcement("approval_asked", "asked for the approval of")
approval_given = Announcement("approval_given", "approved")
approval_refused = Announcement("approval_refused", "refused to approve")
staff_limit_set = Announcement("staff_limit_set", "set a limit of staff:")
