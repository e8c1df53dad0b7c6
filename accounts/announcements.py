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
user_erased = Announcement("user_erased", "erased what identifies")
document_drafted = Announcement("document_drafted", "drafted the legal document")
document_revised = Announcement("document_revised", "revised the legal document")
document_published = Announcement("document_published", "published the legal document")
documents_accepted = Announcement("documents_accepted", "accepted legal documents:")
acceptances_imported = Announcement("acceptances_imported", "imported acceptances of")
consent_given = Announcement("consent_given", "consented:")
consent_withdrawn = Announcement("consent_withdrawn", "withdrew a consent:")
consents_imported = Announcement("consents_imported", "imported consents to")
age_assured = Announcement("age_assured", "recorded the age of")
age_assurance_revoked = Announcement("age_assurance_revoked", "revoked the assurance of age of")
age_assurance_expired = Announcement("age_assurance_expired", "ended an expired assurance of age of")
identity_linked = Announcement("identity_linked", "linked an identity provider to")
identity_unlinked = Announcement("identity_unlinked", "unlinked an identity provider from")
media_added = Announcement("media_added", "added a picture to the profile of")
media_approved = Announcement("media_approved", "approved a picture of")
media_rejected = Announcement("media_rejected", "rejected a picture of")
media_withdrawn = Announcement("media_withdrawn", "withdrew a picture of")
gallery_ordered = Announcement("gallery_ordered", "ordered the gallery of")

sign_in_failed = Signal()
"""Sent after a failed sign-in was recorded: `user_id` (None: no such account), `address` (None: unknown), and how many
failed within a quarter of an hour, this one included: `user_failures`, `address_failures`."""
