"""The rooms of engagement in the back office."""

from engagement.admin import attachments  # noqa: F401
