"""Performers of the follow graph come in: partners first and verified, drafts after them."""

import io
from pathlib import Path

import pytest
from django.core.management import call_command

from core.datasets.registry import ReadRow
from core.db.context import acting
from core.db.roles import Role
from performers.choices import PerformerStatus
from performers.datasets import read_streamers, stage_name
from performers.models import PerformerProfile
from performers.services.admission import admission_obstacles
from tests.accounts.test_import import write

pytestmark = pytest.mark.django_db

DATA = Path(__file__).parents[2] / "accounts" / "data" / "follow_graph"
ROWS = tuple(f"{number},{number + 100},False,{number * 7},{number % 3 == 0}" for number in range(1, 31))


def bring_in(folder: Path) -> str:
    said = io.StringIO()
    call_command("import_dataset", "performers", str(folder), stdout=said, stderr=io.StringIO())
    return said.getvalue()


def test_partners_come_first_and_every_name_is_one() -> None:
    rows = [row.value for row in read_streamers(DATA) if isinstance(row, ReadRow)]
    assert len(rows) == 9038
    assert [row.is_partner for row in rows] == [True] * 663 + [False] * (9038 - 663)
    assert len({stage_name(row.person.handle) for row in rows}) == 9038


def test_partners_are_verified_and_nobody_goes_live_without_an_examination(tmp_path: Path) -> None:
    write(tmp_path, *ROWS)
    assert "30 rows read, 30 new" in bring_in(tmp_path)
    verified = PerformerProfile.objects.filter(status=PerformerStatus.VERIFIED)
    assert verified.count() == 10
    assert PerformerProfile.objects.filter(status=PerformerStatus.DRAFT).count() == 20
    performer = verified.select_related("user").first()
    assert performer.verified_at == performer.user.signed_up_at
    assert performer.languages.get().language == "en"
    assert performer.residences.get().country == "GB"
    with acting(Role.WORKER):
        (obstacles,) = admission_obstacles(performer_ids=[performer.pk]).values()
    assert [obstacle.code for obstacle in obstacles] == ["no_identity_record"]


def test_a_second_run_changes_nothing(tmp_path: Path) -> None:
    write(tmp_path, *ROWS)
    bring_in(tmp_path)
    before = list(PerformerProfile.objects.order_by("pk").values())
    assert "0 new, 30 unchanged" in bring_in(tmp_path)
    assert list(PerformerProfile.objects.order_by("pk").values()) == before
    assert PerformerProfile.history.count() == 30
