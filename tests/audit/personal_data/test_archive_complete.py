"""Whole lives, exported: all of the person is there, and nothing of anybody else."""

import pytest

from tests.audit.held_lives import moderated, whole_life
from tests.audit.personal_data.archives import archive_of

pytestmark = pytest.mark.django_db


def test_a_whole_life(archive_files) -> None:
    user, archive = whole_life()
    moderated(user, archive)
    found = archive_of(user)
    print({t: len(r) for t, r in found.rows.items()})
    assert 0
