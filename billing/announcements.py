"""What happens to money, told to whoever listens."""

from core.announcements import Announcement

exception_resolved = Announcement("exception_resolved", "resolved the exception of reconciliation")
exception_taken = Announcement("exception_taken", "took the exception of reconciliation")
provider_account_changed = Announcement("provider_account_changed", "changed the account at a provider:")
provider_account_closed = Announcement("provider_account_closed", "closed the account at a provider:")
provider_account_opened = Announcement("provider_account_opened", "opened an account at a provider:")
provider_call_asked_again = Announcement("provider_call_asked_again", "had a provider asked again about")
provider_event_replayed = Announcement("provider_event_replayed", "had processed again the message")
