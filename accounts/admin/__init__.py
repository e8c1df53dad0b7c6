"""The rooms of People in the back office."""

from accounts.admin import (
    account_flags,
    home,
    legal_documents,
    login_events,
    passwords,
    people,
    profile_media,
    records,
    records_of_person,
    reserved_handles,
    restrictions,
    role_grants,
    search,
    sessions,
)

__all__ = [
    "account_flags",
    "home",
    "legal_documents",
    "login_events",
    "passwords",
    "people",
    "profile_media",
    "records",
    "records_of_person",
    "reserved_handles",
    "restrictions",
    "role_grants",
    "search",
    "sessions",
]
