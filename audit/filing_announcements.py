"""What happened to filings to authorities and to access reviews; recorded in the trail."""

from core.announcements import Announcement

filing_prepared = Announcement("filing_prepared", "prepared the filing")
filing_revised = Announcement("filing_revised", "revised the draft of the filing")
filing_submitted = Announcement("filing_submitted", "handed over for approval the filing")
filing_approved = Announcement("filing_approved", "approved the filing")
filing_returned = Announcement("filing_returned", "sent back to its author the filing")
filing_dropped = Announcement("filing_dropped", "decided not to file")
filing_filed = Announcement("filing_filed", "filed with the authority")
filing_amendment_prepared = Announcement("filing_amendment_prepared", "prepared an amendment, the filing")
filing_answered = Announcement("filing_answered", "noted the authority's answer to the filing")
filing_preserved = Announcement("filing_preserved", "had preserved what is about the filing")
filing_words_opened = Announcement("filing_words_opened", "opened their own draft of the filing")
filing_overdue_told = Announcement("filing_overdue_told", "told that overdue is the filing")

access_review_opened = Announcement("access_review_opened", "opened the access review")
access_review_decided = Announcement("access_review_decided", "decided in an access review about")
access_review_closed = Announcement("access_review_closed", "closed the access review")
access_review_overdue_told = Announcement(
    "access_review_overdue_told", "told that overdue is the access review"
)
