"""What happened to subject requests; recorded in the trail."""

from core.announcements import Announcement

subject_request_filed = Announcement("subject_request_filed", "took in the")
subject_request_taken = Announcement("subject_request_taken", "took over the")
subject_request_confirmed = Announcement("subject_request_confirmed", "confirmed who asks in the")
subject_request_extended = Announcement("subject_request_extended", "extended the")
subject_request_begun = Announcement("subject_request_begun", "began to carry out the")
subject_request_advanced = Announcement("subject_request_advanced", "did a part of the")
subject_request_rectified = Announcement("subject_request_rectified", "corrected data for the")
subject_request_answered = Announcement("subject_request_answered", "answered the")
subject_request_refused = Announcement("subject_request_refused", "refused the")
subject_request_withdrawn = Announcement("subject_request_withdrawn", "withdrew the")
object_removed = Announcement("subject_request_object_removed", "removed an object from storage for the")
