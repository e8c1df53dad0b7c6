"""Fixtures that tests of streams share with those of accounts."""

from tests.accounts.conftest import announced, moderator, user

__all__ = ["announced", "moderator", "user"]
