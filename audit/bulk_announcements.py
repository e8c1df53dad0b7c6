"""What is announced of bulk jobs; nothing personal in the details."""

from core.announcements import Announcement

bulk_job_previewed = Announcement("bulk_job_previewed", "previewed the bulk job")
bulk_job_submitted = Announcement("bulk_job_submitted", "submitted the bulk job")
bulk_job_approved = Announcement("bulk_job_approved", "approved the bulk job")
bulk_job_cancelled = Announcement("bulk_job_cancelled", "cancelled the bulk job")
bulk_job_done = Announcement("bulk_job_done", "carried out the bulk job")
bulk_job_undo_begun = Announcement("bulk_job_undo_begun", "has undone the bulk job")
bulk_job_undone = Announcement("bulk_job_undone", "finished undoing the bulk job")
