"""The people of the follow graph come in: repeatably, with every broken row named."""

import gzip
import io
from pathlib import Path

import pytest
from django.core.management import CommandError, call_command

from accounts.choices import SignUpSource, UserStatus
from accounts.models import User, ViewerProfile
from tests.accounts.conftest import Announced
from tests.accounts.factories import ReservedHandleFactory, UserFactory

pytestmark = pytest.mark.django_db

HEADER = "new_id,days,mature,views,partner"
GOOD = tuple(f"{number},{number + 100},False,{number * 7},True" for number in range(30))


def write(folder: Path, *lines: str, language: str = "ENGB", header: str = HEADER) -> Path:
    """The file of one language; the other one is empty unless it is there."""
    for name in ("ENGB", "PTBR"):
        file = folder / f"{name}_users.csv.gz"
        if name == language or not file.exists():
            rows = [header, *lines] if name == language else [HEADER]
            file.write_bytes(gzip.compress("\n".join(rows).encode() + b"\n"))
    return folder


def bring_in(folder: Path, *options: str) -> tuple[str, str]:
    said, complained = io.StringIO(), io.StringIO()
    call_command("import_dataset", "follow_graph", str(folder), *options, stdout=said, stderr=complained)
    return said.getvalue(), complained.getvalue()


def refusal(folder: Path, *options: str) -> str:
    complained = io.StringIO()
    with pytest.raises(CommandError) as caught:
        call_command("import_dataset", "follow_graph", str(folder), *options, stderr=complained)
    return f"{complained.getvalue()}\n{caught.value}"


def test_people_come_in_active_with_profile_history_and_announcement(
    tmp_path: Path, announced: Announced
) -> None:
    write(tmp_path, *GOOD)
    write(tmp_path, *GOOD[:5], language="PTBR")
    said, _ = bring_in(tmp_path)
    assert "35 rows read, 35 new, 0 unchanged, 0 broken" in said
    assert User.objects.filter(status=UserStatus.ACTIVE, sign_up_source=SignUpSource.IMPORT).count() == 35
    assert ViewerProfile.objects.count() == 35
    user = User.objects.with_handle("ptbr_3").get()
    assert (user.locale, user.time_zone, user.country) == ("pt-BR", "America/Sao_Paulo", "BR")
    assert user.signed_up_at.isoformat() == "2018-02-17T00:00:00+00:00"
    assert User.history.filter(id=user.pk).get().history_user_id is None
    assert announced.actions == ["user_registered"] * 35


@pytest.mark.parametrize("options", [(), ("--skip-broken",)])
def test_a_second_run_changes_nothing(tmp_path: Path, options: tuple[str, ...]) -> None:
    write(tmp_path, *GOOD)
    bring_in(tmp_path, *options)
    before = list(User.objects.order_by("pk").values())
    said, _ = bring_in(tmp_path, *options)
    assert "0 new, 30 unchanged" in said
    assert list(User.objects.order_by("pk").values()) == before
    assert User.history.count() == 30


BROKEN = [
    ("1,2,False,3", "expected 5 columns"),
    ("1,2,False,3,True,6", "expected 5 columns"),
    ("one,2,False,3,True", "new_id 'one' is no number"),
    ("٣,2,False,3,True", "is no number"),
    ("9" * 40 + ",2,False,3,True", "too long a number"),
    ("100,two,False,3,True", "days 'two' is no number"),
    ("100,99999,False,3,True", "between 0 and"),
    ("100," + "9" * 5000 + ",False,3,True", "between 0 and"),
    ("100,2,Perhaps,3,True", "mature 'Perhaps'"),
    ("100,2,False,-3,True", "views '-3'"),
    ("100,2,False,3,", "partner ''"),
    ("3,2,False,3,True", "stands in the file twice"),
    ("003,2,False,3,True", "stands in the file twice"),
    ("200,2,False,3,True", "handle is taken"),
]


@pytest.mark.parametrize(("row", "reason"), BROKEN)
def test_a_broken_row_is_named_and_stops_everything_or_is_left_out(
    tmp_path: Path, row: str, reason: str
) -> None:
    UserFactory(handle="ENGB_200")
    write(tmp_path, *GOOD[:10], row, *GOOD[10:])
    complaint = refusal(tmp_path)
    assert "ENGB_users.csv.gz, line 12:" in complaint
    assert reason in complaint
    assert "nothing was imported" in complaint
    assert User.objects.count() == 1
    said, left_out = bring_in(tmp_path, "--skip-broken")
    assert "31 rows read, 30 new, 0 unchanged, 1 broken" in said
    assert left_out.startswith("left out: ENGB_users.csv.gz, line 12:")
    assert reason in left_out
    assert User.objects.count() == 31


def test_a_reserved_handle_is_a_broken_row(tmp_path: Path) -> None:
    ReservedHandleFactory(handle="engb_7")
    write(tmp_path, *GOOD)
    assert "line 9: This handle is reserved" in refusal(tmp_path)
    assert not User.objects.exists()


@pytest.mark.parametrize("options", [(), ("--skip-broken",)])
class TestFiles:
    """Files that are not what they should be."""

    def test_a_wrong_header(self, tmp_path: Path, options: tuple[str, ...]) -> None:
        write(tmp_path, *GOOD, header="id,days")
        assert "the first line is not new_id,days" in refusal(tmp_path, *options)

    def test_an_empty_file(self, tmp_path: Path, options: tuple[str, ...]) -> None:
        write(tmp_path)
        (tmp_path / "ENGB_users.csv.gz").write_bytes(gzip.compress(b""))
        assert "the first line is not" in refusal(tmp_path, *options)

    def test_a_missing_file(self, tmp_path: Path, options: tuple[str, ...]) -> None:
        assert "is not there. Give the folder" in refusal(tmp_path / "nowhere", *options)

    def test_a_folder_that_is_a_file(self, tmp_path: Path, options: tuple[str, ...]) -> None:
        (tmp_path / "file").touch()
        assert "cannot be read" in refusal(tmp_path / "file", *options)

    @pytest.mark.parametrize("damage", ["truncated", "flipped", "no gzip", "no utf-8"])
    def test_a_damaged_file(self, tmp_path: Path, options: tuple[str, ...], damage: str) -> None:
        file = write(tmp_path, *GOOD) / "ENGB_users.csv.gz"
        whole = file.read_bytes()
        file.write_bytes(
            {
                "truncated": whole[: len(whole) // 2],
                "flipped": whole[:30] + bytes(255 - byte for byte in whole[30:60]) + whole[60:],
                "no gzip": b"new_id,days\n",
                "no utf-8": gzip.compress(HEADER.encode() + b"\n\xff\xfe\n"),
            }[damage]
        )
        assert "ENGB_users.csv.gz cannot be read" in refusal(tmp_path, *options)
        assert not User.objects.exists()


def test_an_unknown_data_set_names_those_that_exist(tmp_path: Path) -> None:
    with pytest.raises(CommandError, match=r"no data set called people\. Known are: .*follow_graph"):
        call_command("import_dataset", "people", str(tmp_path))
