"""The life of an archive: made once, fetched on record, gone when its time is over."""

from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from django.core.files.storage import InMemoryStorage
from django.core.management import call_command
from django.core.management.base import CommandError
from django.utils import timezone

from accounts.models import User
from audit.archive_errors import ArchiveRefused, ArchiveTampered, SealsNotOpened
from audit.models import Event, PersonalArchive, SensitiveRead, SubjectRequest
from audit.personal_data import writing
from audit.request_carriers import carrier_of
from audit.request_choices import RequestKind
from audit.services import personal_archives
from audit.services.personal_archives import (
    personal_archive_make,
    personal_archive_open,
    personal_archives_expire,
)
from core.db.context import acting
from core.db.locking import NotThere
from core.db.roles import Role
from core.encryption import ring as rings
from core.encryption.reveal import RevealRefused
from tests.accounts.contacts import add
from tests.accounts.erasing import erase, full_life
from tests.accounts.factories import UserFactory, staff
from tests.audit.held_lives import performer_of
from tests.audit.personal_data.archives import REASON, made, opened, request_of, running, unpacked
from tests.sql import refused, run

pytestmark = pytest.mark.django_db


def files_in(storage: InMemoryStorage) -> list[str]:
    return [f"{folder}/{name}" for folder in storage.listdir("")[0] for name in storage.listdir(folder)[1]]


def fetch(archive: PersonalArchive, user: User, role: Role = Role.VIEWER) -> bytes:
    with acting(role, user_id=user.pk):
        return b"".join(
            personal_archive_open(archive_id=archive.pk, actor=user, reason="fetched in the account").content
        )


def over(archive: PersonalArchive) -> None:
    """Its time is over, by its data and not by a clock."""
    with acting(Role.WORKER):
        PersonalArchive.objects.filter(pk=archive.pk).update(
            expires_at=archive.made_at + timedelta(microseconds=1)
        )


def test_it_is_made_once_for_a_request(archive_files: InMemoryStorage) -> None:
    request = running(UserFactory())
    archive = made(request)
    assert made(request).pk == archive.pk
    assert files_in(archive_files) == [archive.object_key]
    assert (archive.rows, archive.person_id) == (sum(archive.rows_by_table.values()), request.person_id)
    assert Event.objects.filter(action="personal_archive_made", subject_id=archive.pk).count() == 1
    stored = archive_files.open(archive.object_key).read()
    assert stored[:2] != b"PK"
    assert str(request.person_id).encode() not in stored


def test_it_is_not_made_for_a_request_that_is_not_running_or_asks_for_something_else() -> None:
    filed, erasure = request_of(UserFactory()), running(UserFactory(), RequestKind.ERASURE)
    with pytest.raises(ArchiveRefused, match="while its request is being carried out"):
        made(filed)
    with pytest.raises(ArchiveRefused, match="asks for something else"):
        made(erasure)
    with acting(Role.WORKER), pytest.raises(NotThere):
        personal_archive_make(request_id=filed.person_id, actor=None)
    assert not PersonalArchive.objects.exists()


@pytest.mark.parametrize("kind", [RequestKind.ACCESS, RequestKind.PORTABILITY])
def test_the_run_of_a_request_gets_a_category_for_each_table(kind: RequestKind) -> None:
    carrier = carrier_of(kind)
    assert carrier is not None
    request, officer = running(UserFactory(), kind), staff(Role.COMPLIANCE)
    provided = list(carrier(request.pk, officer))
    archive = PersonalArchive.objects.get(request=request)
    assert {line.category: line.rows for line in provided} == archive.rows_by_table
    assert all(line.words for line in provided)


class Dies(Exception):
    """The worker was killed."""


def test_a_run_that_dies_while_rows_are_read_leaves_nothing_and_runs_again(
    archive_files: InMemoryStorage, monkeypatch: pytest.MonkeyPatch
) -> None:
    request = running(UserFactory())
    read = personal_archives.batches
    asked: list[str] = []

    def dying(request_id: Any, table: str, *rest: Any) -> Iterator[list[str]]:
        asked.append(table)
        if len(asked) > 100:
            raise Dies
        return read(request_id, table, *rest)

    with monkeypatch.context() as patched, pytest.raises(Dies):
        patched.setattr(personal_archives, "batches", dying)
        made(request)
    assert (PersonalArchive.objects.count(), files_in(archive_files)) == (0, [])
    assert unpacked(b"".join(opened(made(request)).content)).rows["accounts_user"]


def test_a_run_that_dies_after_the_file_was_stored_leaves_one_that_counts_for_nothing(
    archive_files: InMemoryStorage, monkeypatch: pytest.MonkeyPatch
) -> None:
    request = running(UserFactory())
    store = personal_archives.put

    def dying(*arguments: Any) -> None:
        store(*arguments)
        raise Dies

    with monkeypatch.context() as patched, pytest.raises(Dies):
        patched.setattr(personal_archives, "put", dying)
        made(request)
    (stray,) = files_in(archive_files)
    assert not PersonalArchive.objects.exists()
    archive = made(request)
    assert sorted(files_in(archive_files)) == sorted([stray, archive.object_key])
    assert personal_archives_expire().strays == 0, "it may belong to a transaction that is still open"
    archive_files._resolve(stray).modified_time = timezone.now() - timedelta(days=2)  # type: ignore[attr-defined]
    gone = personal_archives_expire()
    assert (gone.archives, gone.strays) == (0, 1)
    assert files_in(archive_files) == [archive.object_key]


def test_seals_need_the_private_key_and_without_it_nothing_is_made(
    archive_files: InMemoryStorage, settings: Any, tmp_path: Path
) -> None:
    person = UserFactory()
    performer_of(person)
    request = running(person)
    for file in Path(settings.KEYS_DIRECTORY).iterdir():
        if not (file.name.startswith("sealing") and "private" in file.name):
            (tmp_path / file.name).write_bytes(file.read_bytes())
    whole = settings.KEYS_DIRECTORY
    settings.KEYS_DIRECTORY, settings.KEYS_MADE_WHEN_MISSING = tmp_path, False
    rings.forget()
    with pytest.raises(SealsNotOpened, match="private sealing key"):
        made(request)
    assert (PersonalArchive.objects.count(), files_in(archive_files)) == (0, [])
    settings.KEYS_DIRECTORY = whole
    rings.forget()
    (record, *_) = unpacked(b"".join(opened(made(request)).content)).rows["performers_identityrecord"]
    assert record["legal_name"]


def test_each_fetching_by_compliance_is_an_event_and_a_reading() -> None:
    archive, officer = made(running(UserFactory())), staff(Role.COMPLIANCE)
    opened(archive, officer)
    opened(archive, officer)
    readings = SensitiveRead.objects.filter(actor=officer, person_id=archive.person_id)
    assert [(row.subject_id, row.case_reference) for row in readings] == [
        (archive.pk, archive.request.reference)
    ] * 2
    actions = list(
        Event.objects.filter(subject_id=archive.pk, actor=officer)
        .order_by("pk")
        .values_list("action", flat=True)
    )
    assert actions == ["data_revealed", "personal_archive_opened"] * 2


def test_the_person_fetches_their_own_and_it_is_on_record() -> None:
    person = UserFactory(handle="fetches_hers")
    archive = made(running(person))
    assert unpacked(fetch(archive, person)).rows["accounts_user"][0]["handle"] == "fetches_hers"
    assert Event.objects.filter(action="personal_archive_opened", actor=person).count() == 1
    assert not SensitiveRead.objects.exists()


def test_what_is_refused_to_whom() -> None:
    person, stranger = UserFactory(), UserFactory()
    archive = made(running(person))
    for role, user in (
        (Role.VIEWER, stranger),
        (Role.PERFORMER, stranger),
        (Role.AUDITOR, staff(Role.AUDITOR)),
        (Role.ADMINISTRATOR, staff(Role.ADMINISTRATOR)),
    ):
        with pytest.raises(NotThere):
            fetch(archive, user, role)
    with pytest.raises(ArchiveRefused, match="reason"):
        opened(archive, reason="short")
    officer = staff(Role.COMPLIANCE)
    own = made(running(officer))
    with pytest.raises(ArchiveRefused, match="your own data"):
        opened(own, officer)
    assert not SensitiveRead.objects.exists()
    assert not Event.objects.filter(action="personal_archive_opened").exists()


def test_the_limits_of_reading_count_archives_too() -> None:
    archive, officer = made(running(UserFactory())), staff(Role.COMPLIANCE)
    for _ in range(30):
        opened(archive, officer)
    with pytest.raises(RevealRefused):
        opened(archive, officer)


@pytest.mark.parametrize("place", [0, 5, -1])
def test_a_changed_file_is_refused_before_anything_is_handed_out(
    archive_files: InMemoryStorage, place: int
) -> None:
    archive = made(running(UserFactory()))
    changed = bytearray(archive_files.open(archive.object_key).read())
    changed[place] ^= 1
    _replace(archive_files, archive.object_key, bytes(changed))
    with pytest.raises(ArchiveTampered, match="Nothing was handed out"):
        opened(archive)


def test_a_cut_an_exchanged_and_a_lost_file_are_refused(archive_files: InMemoryStorage) -> None:
    request = running(UserFactory())
    archive, other = made(request), made(running(UserFactory()))
    whole = archive_files.open(archive.object_key).read()
    for content in (whole[:-1], b"", archive_files.open(other.object_key).read()):
        _replace(archive_files, archive.object_key, content)
        with pytest.raises(ArchiveTampered):
            opened(archive)
    archive_files.delete(archive.object_key)
    with pytest.raises(ArchiveRefused, match="lost"):
        opened(archive)
    again = made(request)
    assert again.pk != archive.pk
    opened(again)


def _replace(storage: InMemoryStorage, key: str, content: bytes) -> None:
    storage.delete(key)
    with storage.open(key, "wb") as file:
        file.write(content)


def test_archives_are_destroyed_a_page_at_a_time(
    archive_files: InMemoryStorage, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("audit.services.personal_archives.PAGE", 1)
    for _ in range(3):
        over(made(running(UserFactory())))
    assert personal_archives_expire().archives == 3
    assert files_in(archive_files) == []


def test_an_expired_archive_is_refused_and_then_destroyed(archive_files: InMemoryStorage) -> None:
    person = UserFactory()
    archive, kept = made(running(person)), made(running(UserFactory()))
    over(archive)
    with pytest.raises(ArchiveRefused, match="could be fetched until"):
        opened(archive)
    with pytest.raises(ArchiveRefused, match="could be fetched until"):
        fetch(archive, person)
    call_command("personal_archives_expire", "--dry-run")
    assert len(files_in(archive_files)) == 2
    assert (personal_archives_expire().archives, personal_archives_expire().archives) == (1, 0)
    archive.refresh_from_db()
    assert (archive.file_key, archive.deleted_at is None) == (None, False)
    assert files_in(archive_files) == [kept.object_key]
    assert Event.objects.filter(action="personal_archive_expired", subject_id=archive.pk).count() == 1
    with pytest.raises(ArchiveRefused):
        opened(archive)


def test_who_is_erased_leaves_no_archive_that_opens(archive_files: InMemoryStorage) -> None:
    person, officer = full_life(), staff(Role.COMPLIANCE)
    archive = made(running(person))
    SubjectRequest.objects.filter(pk=archive.request_id).update(status="withdrawn")
    report = erase(person, officer)
    lines = {line.words: line.rows for line in report.destroyed if line.table == "audit_personalarchive"}
    assert list(lines.values()) == [1]
    archive.refresh_from_db()
    assert archive.file_key is None
    with pytest.raises(ArchiveRefused):
        opened(archive, officer)
    assert personal_archives_expire().strays == 1
    assert files_in(archive_files) == []
    stranger = UserFactory()
    with acting(Role.COMPLIANCE, user_id=officer.pk):
        assert run("SELECT files, kept FROM personal_archives_survey(%s)", [person.pk]) == [(0, 1)]
        with refused("The person is not erased"):
            run("SELECT personal_archives_erase(%s)", [stranger.pk])
    for role in (Role.WORKER, Role.SUPPORT, Role.ADMINISTRATOR):
        with acting(role), refused("permission denied"):
            run("SELECT personal_archives_erase(%s)", [person.pk])


def test_the_command_makes_and_hands_out_on_record(tmp_path: Path, capsys: Any) -> None:
    person, officer = UserFactory(), staff(Role.COMPLIANCE)
    add(person, "command@example.org")
    request = running(person)
    file = tmp_path / "hers.zip"
    with pytest.raises(CommandError, match="holds the role compliance"):
        call_command("personal_archive", request.reference, to=file, staff=person.handle, reason=REASON)
    call_command("personal_archive", request.reference, to=file, staff=officer.handle, reason=REASON)
    assert unpacked(file.read_bytes()).rows["accounts_usercontact"][0]["value"] == "command@example.org"
    assert SensitiveRead.objects.filter(actor=officer).count() == 1
    with pytest.raises(CommandError, match="exists"):
        call_command("personal_archive", request.reference, to=file, staff=officer.handle, reason=REASON)
    with pytest.raises(CommandError, match="no request"):
        call_command("personal_archive", "SR-2611-AAAAAAAA")


def test_without_a_place_for_archives_it_says_so(settings: Any) -> None:
    request = running(UserFactory())
    settings.STORAGES = {
        name: value for name, value in settings.STORAGES.items() if name != "personal_archives"
    }
    with pytest.raises(ArchiveRefused, match="PERSONAL_ARCHIVES_DIRECTORY"):
        made(request)


def test_the_schema_version_is_the_one_that_the_guide_describes() -> None:
    guide = (Path(__file__).resolve().parents[3] / "docs/guides/personal-archives.md").read_text()
    assert f"schema version {writing.SCHEMA_VERSION}" in guide
    assert writing.FORMAT in guide
