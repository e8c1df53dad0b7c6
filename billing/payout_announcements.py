"""What billing announces of payouts; the trail listens."""

from core.announcements import Announcement

token_value_set_to = Announcement("token_value_set", "set what an earned token is worth:")
payout_destination_added = Announcement("payout_destination_added", "entered where is paid:")
payout_destination_retired = Announcement("payout_destination_retired", "gave up where was paid:")
payout_destination_paused = Announcement("payout_destination_paused", "paused payouts to")
payout_destination_resumed = Announcement("payout_destination_resumed", "set payouts going again to")
payout_batch_prepared = Announcement("payout_batch_prepared", "prepared the payouts of")
payout_batch_submitted = Announcement("payout_batch_submitted", "submitted for approval")
payout_batch_approved = Announcement("payout_batch_approved", "approved the payouts of")
payout_batch_cancelled = Announcement("payout_batch_cancelled", "cancelled the payouts of")
payout_batch_done = Announcement("payout_batch_done", "knows every outcome of")
payout_sent = Announcement("payout_sent", "sent")
payout_paid = Announcement("payout_paid", "paid")
payout_failed = Announcement("payout_failed", "could not pay")
payout_returned = Announcement("payout_returned", "got back")
debt_recorded = Announcement("debt_recorded", "changed what is owed:")
reserve_hold_placed = Announcement("reserve_hold_placed", "keeps a reserve:")
reserve_hold_released = Announcement("reserve_hold_released", "released a reserve:")
