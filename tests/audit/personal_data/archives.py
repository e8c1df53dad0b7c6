"""Requests that are running, archives made for them, and what stands in them."""

import io
import json
import zipfile
from dataclasses import dataclass, field
from typing import Any

from accounts.models import User
from audit.models import PersonalArchive, SubjectRequest
from audit.request_choices import IdentityMethod, RequestChannel, RequestKind, RequestStatus
from audit.services.personal_archives import OpenedArchive, personal_archive_make, personal_archive_open
from audit.services.subject_requests import subject_request_confirm, subject_request_file
from core.db.context import acting
from core.db.roles import Role
from tests.accounts.factories import staff

REASON = "the person asked for their data by letter"


def request_of(person: User, kind: RequestKind = RequestKind.ACCESS) -> SubjectRequest:
    """A request that was filed by letter, and not looked at yet."""
    officer = staff(Role.COMPLIANCE)
    with acting(Role.COMPLIANCE, user_id=officer.pk):
        return subject_request_file(
            person_id=person.pk, kind=kind, channel=RequestChannel.POST, actor=officer
        )


def running(person: User, kind: RequestKind = RequestKind.ACCESS) -> SubjectRequest:
    """A request whose identity was confirmed and that is being carried out."""
    request, officer = request_of(person, kind), staff(Role.COMPLIANCE)
    with acting(Role.COMPLIANCE, user_id=officer.pk):
        subject_request_confirm(request_id=request.pk, method=IdentityMethod.DOCUMENT, actor=officer)
    colleague = staff(Role.COMPLIANCE)
    with acting(Role.COMPLIANCE, user_id=colleague.pk):
        SubjectRequest.objects.filter(pk=request.pk).update(status=RequestStatus.RUNNING, run_by=colleague)
    request.refresh_from_db()
    return request


def made(request: SubjectRequest) -> PersonalArchive:
    """Its archive, as the worker makes it."""
    with acting(Role.WORKER):
        return personal_archive_make(request_id=request.pk, actor=None)


def opened(archive: PersonalArchive, officer: User | None = None, reason: str = REASON) -> OpenedArchive:
    """What compliance is handed."""
    officer = officer or staff(Role.COMPLIANCE)
    with acting(Role.COMPLIANCE, user_id=officer.pk):
        return personal_archive_open(archive_id=archive.pk, actor=officer, reason=reason)


@dataclass
class Unpacked:
    """An archive, read."""

    content: bytes
    names: list[str] = field(default_factory=list)
    manifest: dict[str, Any] = field(default_factory=dict)
    columns: dict[str, Any] = field(default_factory=dict)
    rows: dict[str, list[dict[str, Any]]] = field(default_factory=dict)

    @property
    def text(self) -> str:
        """All of its rows as one text, to look for what must not be in it."""
        return json.dumps(self.rows, ensure_ascii=False)


def unpacked(content: bytes) -> Unpacked:
    """Read a ZIP as whoever gets it would."""
    found = Unpacked(content)
    with zipfile.ZipFile(io.BytesIO(content)) as archive:
        assert archive.testzip() is None
        found.names = archive.namelist()
        found.manifest = json.loads(archive.read("manifest.json"))
        found.columns = json.loads(archive.read("columns.json"))
        for entry in found.manifest["files"]:
            lines = archive.read(entry["file"]).decode().splitlines()
            found.rows[entry["table"]] = [json.loads(line) for line in lines]
    return found


def archive_of(person: User, kind: RequestKind = RequestKind.ACCESS) -> Unpacked:
    """Everything from the request to the unpacked file."""
    return unpacked(b"".join(opened(made(running(person, kind))).content))
