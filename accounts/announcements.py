"""What this app tells the rest of the platform, in the transaction in which it happens."""

from django.dispatch import Signal

from core.announcements import Announcement

user_registered = Announcement("user_registered", "registered the account of")
user_activated = Announcement("user_activated", "activated the account of")
user_suspended = Announcement("user_suspended", "suspended")
user_reinstated = Announcement("user_reinstated", "reinstated")
user_closed = Announcement("user_closed", "closed the account of")
handle_changed = Announcement("handle_changed", "changed the handle of")
handle_reserved = Announcement("handle_reserved", "reserved a handle")
handle_released = Announcement("handle_released", "released a reserved handle")
profile_changed = Announcement("profile_changed", "changed the viewing preferences of")
password_changed = Announcement("password_changed", "changed the password of")
restriction_placed = Announcement("restriction_placed", "restricted")
restriction_lifted = Announcement("restriction_lifted", "lifted a restriction of")
restriction_expired = Announcement("restriction_expired", "ended an expired restriction of")
role_granted = Announcement("role_granted", "granted a role to")
role_revoked = Announcement("role_revoked", "revoked a role of")
flag_raised = Announcement("flag_raised", "flagged")
flag_resolved = Announcement("flag_resolved", "resolved a flag on")
signed_in = Announcement("signed_in", "signed in:")
signed_out = Announcement("signed_out", "signed out:")
session_revoked = Announcement("session_revoked", "revoked a session of")
contact_added = Announcement("contact_added", "added")
contact_removed = Announcement("contact_removed", "removed")
contact_made_primary = Announcement("contact_made_primary", "made primary:")
contact_verified = Announcement("contact_verified", "verified")
verification_requested = Announcement("verification_requested", "asked for a code to verify")
lock_out_lifted = Announcement("lock_out_lifted", "lifted the lock-out of")
second_factor_enrolled = Announcement("second_factor_enrolled", "set up a second factor for")
second_factor_replaced = Announcement("second_factor_replaced", "replaced the second factor of")
second_factor_removed = Announcement("second_factor_removed", "removed the second factor of")
second_factor_reset = Announcement("second_factor_reset", "reset the second factor of")
recovery_codes_made = Announcement("recovery_codes_made", "made new recovery codes for")
recovery_code_used = Announcement("recovery_code_used", "used a recovery code of")

sign_in_failed = Signal()
"""Sent after a failed sign-in was recorded: `user_id` (None: no such account), `address` (None: unknown), and how many
failed within a quarter of an hour, this one included: `user_failures`, `address_failures`."""
