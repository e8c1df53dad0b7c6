"""People of the tests of streams, and what the services announce."""

from tests.accounts.conftest import administrator, announced, lead, moderator, user  # noqa: F401
