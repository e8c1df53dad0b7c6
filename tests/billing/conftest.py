"""People of the tests of billing."""

from tests.audit.conftest import ann, bob  # noqa: F401
