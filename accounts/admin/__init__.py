"""The rooms of People in the back office."""

from accounts.admin import (
    account_flags,
    contacts,
    devices,
    home,
    login_events,
    passwords,
    people,
    reserved_handles,
    restrictions,
    role_grants,
    search,
    second_factor,
    sessions,
)

__all__ = [
    "account_flags",
    "contacts",
    "devices",
    "home",
    "login_events",
    "passwords",
    "people",
    "reserved_handles",
    "restrictions",
    "role_grants",
    "search",
    "second_factor",
    "sessions",
]
