"""The rooms of People in the back office."""

from accounts.admin import (
    account_flags,
    contacts,
    home,
    login_events,
    passwords,
    people,
    reserved_handles,
    restrictions,
    role_grants,
    search,
    sessions,
)

__all__ = [
    "account_flags",
    "contacts",
    "home",
    "login_events",
    "passwords",
    "people",
    "reserved_handles",
    "restrictions",
    "role_grants",
    "search",
    "sessions",
]
