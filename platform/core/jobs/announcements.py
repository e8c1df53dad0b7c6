"""What staff decided about jobs."""

from core.announcements import Announcement

job_ran_again = Announcement("job_run_again", "ran again")
job_given_up = Announcement("job_given_up", "gave up")
