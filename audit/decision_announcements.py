"""What is announced of decisions, strikes and appeals; nothing personal in the details."""

from core.announcements import Announcement

decision_made = Announcement("decision_made", "decided:")
decision_reversed = Announcement("decision_reversed", "reversed a decision:")
strike_issued = Announcement("strike_issued", "issued a strike:")
strike_revoked = Announcement("strike_revoked", "revoked a strike:")
action_proposed = Announcement("action_proposed", "reached with a strike the proposal:")
proposal_accepted = Announcement("proposal_accepted", "accepted the proposal:")
proposal_declined = Announcement("proposal_declined", "declined the proposal:")
proposal_withdrawn = Announcement("proposal_withdrawn", "withdrew the proposal:")
appeal_filed = Announcement("appeal_filed", "appealed:")
appeal_taken = Announcement("appeal_taken", "took up for review:")
appeal_returned = Announcement("appeal_returned", "returned unreviewed:")
appeal_decided = Announcement("appeal_decided", "decided the appeal:")
