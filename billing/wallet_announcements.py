"""What billing announces of wallets, shares and entitlements; the trail listens."""

from core.announcements import Announcement

tokens_granted = Announcement("tokens_granted", "granted promotional tokens into")
tokens_expired = Announcement("tokens_expired", "let tokens expire in")
spend_reversed = Announcement("spend_reversed", "took back")
revenue_share_set = Announcement("revenue_share_set", "set a revenue share:")
revenue_share_ended = Announcement("revenue_share_ended", "ended a revenue share:")
ticket_offer_opened = Announcement("ticket_offer_opened", "put tickets on sale:")
ticket_offer_closed = Announcement("ticket_offer_closed", "closed the sale of tickets:")
entitlement_granted = Announcement("entitlement_granted", "entitled somebody to watch:")
entitlement_revoked = Announcement("entitlement_revoked", "ended an entitlement to watch:")
