"""Attachments: nothing is sent or served before a clean scan, and what is not what it says is refused."""

import hashlib
from typing import Any

import pytest
from django.core.files.base import ContentFile
from django.core.files.storage import InMemoryStorage
from django.core.management import call_command

from accounts.choices import RestrictionKind
from accounts.models import User
from core.db.context import acting
from core.db.locking import NotThere
from core.db.roles import Role
from core.errors import IllegalTransition
from core.models import QueuedJob
from engagement.errors import AttachmentRefused, PrivateMessageRefused
from engagement.message_choices import Finding, ScanStatus
from engagement.models import Attachment
from engagement.models.attachment import LARGEST_FILE
from engagement.scanning.clamav import ClamAV
from engagement.scanning.port import ScannerUnavailable
from engagement.services.attachment_scans import attachment_scan_run, attachments_forget
from engagement.services.attachments import (
    attachment_register,
    attachment_rescan,
    attachment_serve,
    attachment_submit,
)
from engagement.services.direct_messages import direct_message_delete, direct_message_hide
from tests.accounts.factories import RestrictionFactory, UserFactory
from tests.audit.holds import on_person
from tests.engagement.messages_data import (
    EICAR,
    PNG,
    Says,
    accepted,
    as_person,
    clamd,
    of_the_past,
    opened,
    scanned,
    uploaded,
    write,
)
from tests.sql import refused, run

pytestmark = pytest.mark.django_db
DIGEST = hashlib.sha256(PNG).digest()


@pytest.fixture
def two() -> tuple[User, User, Any]:
    """Two people who accepted one another."""
    ann, bob = UserFactory(), UserFactory()
    return ann, bob, accepted(ann, bob)


def served(attachment: Attachment, person: User) -> str:
    """Where the file lies, for somebody."""
    with as_person(person):
        return attachment_serve(attachment_id=attachment.pk).object_key


def test_a_clean_file_is_sent_and_both_see_it(two: Any, files: InMemoryStorage) -> None:
    ann, bob, conversation = two
    attachment = scanned(ann, files)
    assert (attachment.status, attachment.scanner) == (ScanStatus.CLEAN, "ClamAV 1.4.2/27540")
    with pytest.raises(AttachmentRefused):
        served(attachment, ann)
    message = write(conversation, ann, "", attachment_ids=[attachment.pk])
    assert message.files == [attachment.pk]
    for person in (ann, bob):
        assert served(attachment, person) == f"people/{ann.pk}/attachments/{attachment.pk}"
    with pytest.raises(AttachmentRefused):
        served(attachment, UserFactory())
    with as_person(bob):
        assert run("SELECT * FROM engagement_attachment") == [], "the row itself is its uploader's"


@pytest.mark.parametrize("found", ["", "Eicar-Test-Signature"])
def test_nothing_is_served_before_a_clean_scan(two: Any, files: InMemoryStorage, found: str) -> None:
    ann, _, conversation = two
    attachment = scanned(ann, files, found) if found else uploaded(ann, files)
    with pytest.raises(PrivateMessageRefused, match="found it clean"):
        write(conversation, ann, "look", attachment_ids=[attachment.pk])
    with acting(Role.OWNER):
        assert run("SELECT count(*) FROM engagement_directmessage") == [(0,)]


def test_a_file_that_turns_out_malicious_later_is_served_no_more(
    two: Any, files: InMemoryStorage, moderator: User, announced: Any
) -> None:
    ann, bob, conversation = two
    attachment = scanned(ann, files)
    write(conversation, ann, "", attachment_ids=[attachment.pk])
    with acting(Role.MODERATOR, user_id=moderator.pk):
        attachment_rescan(attachment_id=attachment.pk, actor=moderator, reason="new signatures")
    with pytest.raises(AttachmentRefused):
        served(attachment, bob)
    assert attachment_scan_run(attachment_id=attachment.pk, scanner=Says("Win.Trojan")) == ScanStatus.INFECTED
    with pytest.raises(AttachmentRefused):
        served(attachment, bob)
    assert announced.actions == ["attachment_scan_asked", "attachment_found_malicious"]
    assert announced.only("attachment_found_malicious")["detail"]["found"] == "Win.Trojan"


def test_the_scanner_of_clamav_end_to_end(two: Any, files: InMemoryStorage) -> None:
    clean, evil = uploaded(two[0], files), uploaded(two[0], files, content=PNG + EICAR)
    with clamd() as daemon:
        scanner = ClamAV(daemon.address)
        assert attachment_scan_run(attachment_id=clean.pk, scanner=scanner) == ScanStatus.CLEAN
        assert attachment_scan_run(attachment_id=evil.pk, scanner=scanner) == ScanStatus.INFECTED
        assert attachment_scan_run(attachment_id=evil.pk, scanner=scanner) is None, (
            "a second run finds it done"
        )
    assert daemon.received == [PNG, PNG + EICAR]
    with acting(Role.OWNER):
        assert Attachment.objects.get(pk=evil.pk).finding == "Eicar-Test-Signature"


def test_without_a_scanner_a_file_waits_on(two: Any, files: InMemoryStorage) -> None:
    class Nobody:
        def scan(self, content: Any) -> Any:
            raise ScannerUnavailable("nobody listens")

    attachment = uploaded(two[0], files)
    with pytest.raises(ScannerUnavailable):
        attachment_scan_run(attachment_id=attachment.pk, scanner=Nobody())
    with acting(Role.OWNER):
        assert Attachment.objects.get().status == ScanStatus.WAITING


@pytest.mark.parametrize(
    ("stored", "finding"),
    [
        (None, Finding.MISSING),
        (PNG + b"more", Finding.SIZE),
        (PNG[:-1] + b"\x01", Finding.DIGEST),
    ],
)
def test_another_file_than_was_said_is_refused_for_good(
    two: Any, files: InMemoryStorage, stored: bytes | None, finding: Finding
) -> None:
    attachment = uploaded(two[0], files)
    files.delete(attachment.object_key)
    if stored is not None:
        files.save(attachment.object_key, ContentFile(stored))
    scanner = Says()
    assert attachment_scan_run(attachment_id=attachment.pk, scanner=scanner) == ScanStatus.REFUSED
    assert scanner.read == b"", "nothing of it was given to the scanner"
    with acting(Role.OWNER):
        assert Attachment.objects.get().finding == finding
    with pytest.raises(IllegalTransition):
        Attachment.status_machine.check(ScanStatus.REFUSED, ScanStatus.WAITING)


def test_a_page_that_says_it_is_a_picture_is_refused(two: Any, files: InMemoryStorage) -> None:
    attachment = scanned(two[0], files, content=b"<script>alert(1)</script>")
    assert (attachment.status, attachment.finding) == (ScanStatus.REFUSED, Finding.TYPE)


@pytest.mark.parametrize(
    ("values", "match"),
    [
        ({"media_type": "image/svg+xml"}, "not accepted"),
        ({"media_type": "application/x-msdownload"}, "not accepted"),
        ({"size_bytes": LARGEST_FILE + 1}, "25 MB"),
        ({"size_bytes": 0}, "25 MB"),
        ({"sha256": b"short"}, "32 bytes"),
    ],
)
def test_what_is_not_accepted_is_said_before_anything_is_uploaded(values: dict[str, Any], match: str) -> None:
    ann = UserFactory()
    said = {"media_type": "image/png", "size_bytes": len(PNG), "sha256": DIGEST, **values}
    with as_person(ann), pytest.raises(AttachmentRefused, match=match):
        attachment_register(uploader=ann, **said)


@pytest.mark.parametrize("kind", [RestrictionKind.UPLOAD, RestrictionKind.MESSAGE])
def test_who_is_barred_uploads_nothing(kind: RestrictionKind, files: InMemoryStorage) -> None:
    ann = UserFactory()
    RestrictionFactory(user=ann, kind=kind)
    with pytest.raises(AttachmentRefused, match="barred"):
        uploaded(ann, files)


def test_a_file_is_sent_once_by_its_uploader_and_not_into_a_request(two: Any, files: InMemoryStorage) -> None:
    ann, bob, conversation = two
    attachment, of_bob = scanned(ann, files), scanned(bob, files)
    with pytest.raises(PrivateMessageRefused, match="attached once"):
        write(conversation, ann, "x", attachment_ids=[attachment.pk, attachment.pk])
    with pytest.raises(PrivateMessageRefused, match="by whoever uploaded it"):
        write(conversation, ann, "x", attachment_ids=[of_bob.pk])
    with pytest.raises(PrivateMessageRefused, match="when your request is accepted"):
        write(opened(ann, UserFactory()), ann, "x", attachment_ids=[attachment.pk])
    write(conversation, ann, "x", attachment_ids=[attachment.pk])
    with pytest.raises(PrivateMessageRefused, match="sent once"):
        write(conversation, ann, "again", attachment_ids=[attachment.pk])


def test_nobody_says_by_themselves_that_a_file_is_clean_or_sent(two: Any, files: InMemoryStorage) -> None:
    ann, bob, _ = two
    attachment = uploaded(ann, files)
    with as_person(ann):
        for change in ("status = 'clean'", "message_id = uuidv7()", "object_key = 'people/x/attachments/y'"):
            with refused("permission denied"):
                run(f"UPDATE engagement_attachment SET {change}")
        with refused("cannot begin as clean"):
            run(
                "INSERT INTO engagement_attachment "
                "(id, uploader_id, object_key, media_type, size_bytes, sha256, status) "
                "SELECT k, %s, 'people/' || %s || '/attachments/' || k, 'image/png', 10, sha256('x'), 'clean' "
                "FROM uuidv7() AS k",
                [ann.pk, str(ann.pk)],
            )
        with refused("own_place_check"):
            run(
                "INSERT INTO engagement_attachment (uploader_id, object_key, media_type, size_bytes, sha256) "
                "VALUES (%s, %s, 'image/png', 10, sha256('x'))",
                [ann.pk, f"people/{bob.pk}/attachments/{attachment.pk}"],
            )
    with acting(Role.WORKER), refused("permission denied"):
        run("UPDATE engagement_attachment SET message_id = uuidv7()")


def test_a_file_goes_out_of_sight_with_its_message(two: Any, files: InMemoryStorage, moderator: User) -> None:
    ann, bob, conversation = two
    for act in ("delete", "hide"):
        attachment = scanned(ann, files)
        message = write(conversation, ann, "x", attachment_ids=[attachment.pk])
        assert served(attachment, bob)
        if act == "delete":
            with as_person(ann):
                direct_message_delete(message_id=message.pk, actor=ann)
        else:
            with acting(Role.MODERATOR, user_id=moderator.pk):
                direct_message_hide(message_id=message.pk, actor=moderator, reason="a decision")
        with pytest.raises(AttachmentRefused):
            served(attachment, bob)


def test_its_scan_is_enqueued_once(two: Any, files: InMemoryStorage) -> None:
    ann, bob, _ = two
    attachment = uploaded(ann, files)
    with as_person(bob), pytest.raises(NotThere):
        attachment_submit(attachment_id=attachment.pk, actor=bob)
    with as_person(ann):
        attachment_submit(attachment_id=attachment.pk, actor=ann)
        attachment_submit(attachment_id=attachment.pk, actor=ann)
    with acting(Role.OWNER):
        assert QueuedJob.objects.filter(task_name="attachment_scan").count() == 1


def test_what_is_over_is_destroyed_with_its_file(two: Any, files: InMemoryStorage) -> None:
    ann, _, conversation = two
    sent = scanned(ann, files)
    write(conversation, ann, "x", attachment_ids=[sent.pk])
    never, evil = of_the_past(ann, files, days=3), scanned(ann, files, "Eicar")
    young = scanned(ann, files, "Eicar")
    kept_until(evil, "-1 minute")
    kept_until(young, "1 minute")
    assert attachments_forget() == 2
    assert attachments_forget() == 0
    with acting(Role.OWNER):
        assert set(Attachment.objects.all()) == {sent, young}
    assert files.exists(sent.object_key)
    assert not files.exists(never.object_key)
    assert not files.exists(evil.object_key)
    call_command("private_messages_forget")
    call_command("attachments_chase")


def kept_until(attachment: Attachment, distance: str) -> None:
    """Move the time of a file from now, as the owner."""
    with acting(Role.OWNER):
        run(
            "UPDATE engagement_attachment SET forget_after = now() + %s::interval WHERE id = %s",
            [distance, attachment.pk],
        )


def test_how_long_a_file_stays_follows_from_what_became_of_it(two: Any, files: InMemoryStorage) -> None:
    ann, bob, conversation = two

    def days(attachment: Attachment) -> int:
        with acting(Role.OWNER):
            return round(
                run(
                    "SELECT extract(epoch FROM forget_after - now()) / 86400 FROM engagement_attachment WHERE id = %s",
                    [attachment.pk],
                )[0][0]
            )

    never, evil, sent = uploaded(ann, files), scanned(ann, files, "Eicar"), scanned(ann, files)
    message = write(conversation, ann, "", attachment_ids=[sent.pk])
    assert (days(never), days(evil)) == (2, 30)
    assert days(sent) in (730, 731)
    with as_person(ann):
        direct_message_delete(message_id=message.pk, actor=ann)
    assert days(sent) == 30
    kept_until(sent, "-1 minute")
    on_person(bob.pk)
    assert attachments_forget() == 0, "a hold on whoever received it keeps it"
