"""The tokens of forms are forgotten when nobody can send the form any more."""

from datetime import timedelta
from io import StringIO

import pytest
from django.core.management import call_command
from django.utils import timezone

from core.models import Submission
from core.models.identity import uuid7_derived

pytestmark = pytest.mark.django_db


def test_old_tokens_are_forgotten_and_young_ones_kept():
    old, young = (uuid7_derived(timezone.now() - timedelta(days=days), "x") for days in (8, 6))
    Submission.objects.bulk_create([Submission(pk=old), Submission(pk=young)])
    said = StringIO()
    call_command("submissions_forget", "--dry-run", stdout=said)
    assert Submission.objects.count() == 2
    call_command("submissions_forget", stdout=said)
    assert [row.pk for row in Submission.objects.all()] == [young]
    assert said.getvalue() == "Tokens to delete: 1.\nTokens deleted: 1.\n"
