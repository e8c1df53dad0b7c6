"""Evidence is a copy: it outlives what it copies, and goes when nobody needs it."""

from datetime import timedelta

import pytest
from django.core.management import call_command
from django.utils import timezone

from accounts.models import User
from audit.models import Case, Evidence
from audit.moderation_errors import CaseRefused, OwnCase
from audit.services.evidence import evidence_add
from core.db.context import acting
from core.db.locking import NotThere
from core.db.roles import Role
from core.erasure import erasers
from core.vetoes import Vetoed
from streams.models import Archive
from streams.services.archive_purges import archive_purge
from tests.accounts.factories import UserFactory, staff
from tests.audit.factories_moderation import (
    decided,
    make_archive,
    make_case,
    make_performer,
    make_report,
    make_stream,
    without_triggers,
)
from tests.sql import affected, refused, run

pytestmark = pytest.mark.django_db


def test_what_was_reported_stays_when_its_owner_edits_it() -> None:
    stream = make_stream(title="What was said")
    case = make_case(stream, kind="stream")
    run("UPDATE streams_stream SET title = 'Something harmless', deleted_at = now()")
    assert Evidence.objects.get().content["title"] == "What was said"
    make_report(stream, kind="stream")
    assert {row.content["title"] for row in Evidence.objects.filter(case=case)} == {
        "What was said",
        "Something harmless",
    }
    for role in (Role.MODERATOR, Role.LEAD_MODERATOR):
        with acting(role, user_id=staff(role).pk):
            with refused("permission denied"):
                run("UPDATE audit_evidence SET content = '{}'")
            with refused("permission denied"):
                run("DELETE FROM audit_evidence")
    with refused("cannot be changed"):
        run("UPDATE audit_evidence SET content = '{}'")
    with refused("still needed"):
        run("DELETE FROM audit_evidence")


def test_a_moderator_adds_evidence_in_their_own_name_and_the_digest_is_that_of_the_words() -> None:
    case, moderator, other = make_case(), staff(Role.MODERATOR), UserFactory()
    with acting(Role.MODERATOR, user_id=moderator.pk):
        evidence = evidence_add(case_id=case.pk, content={"link": "https://example.org/1"}, actor=moderator)
        with pytest.raises(CaseRefused, match="kept with the case already"):
            evidence_add(case_id=case.pk, content={"link": "https://example.org/1"}, actor=moderator)
        with pytest.raises(CaseRefused, match="nothing to keep"):
            evidence_add(case_id=case.pk, content={}, actor=moderator)
        with refused("row-level security"):
            run(
                "INSERT INTO audit_evidence (case_id, kind, subject_kind, subject_id, content, sha256, captured_by_id, "
                "captured_at, person_id, leads_only, object_key, media_type) VALUES "
                "(%s, 'attachment', 'person', %s, '{}', decode(repeat('00', 32), 'hex'), %s, now(), %s, false, '', '')",
                [case.pk, case.subject_id, other.pk, case.person_id],
            )
        with refused("row-level security"):
            run(
                "INSERT INTO audit_evidence (case_id, kind, subject_kind, subject_id, content, sha256, captured_by_id, "
                "captured_at, person_id, leads_only, object_key, media_type) VALUES "
                "(%s, 'snapshot', 'person', %s, '{}', decode(repeat('00', 32), 'hex'), %s, now(), %s, false, '', '')",
                [case.pk, case.subject_id, moderator.pk, case.person_id],
            )
    (ok,) = run(
        "SELECT sha256 = sha256(convert_to(content::text, 'UTF8')) FROM audit_evidence WHERE id = %s",
        [evidence.pk],
    )
    assert ok == (True,) and evidence.captured_by_id == moderator.pk
    assert evidence.person_id == case.person_id
    with acting(Role.LEAD_MODERATOR, user_id=case.person_id), pytest.raises((OwnCase, NotThere)):
        evidence_add(case_id=case.pk, content={"a": 1}, actor=User.objects.get(pk=case.person_id))


def test_evidence_is_kept_until_an_appeal_is_over_and_then_goes() -> None:
    case = make_case()
    assert affected("UPDATE audit_evidence SET keep_until = now() + interval '1 day'") == 1
    kept = Evidence.objects.get().keep_until
    # Never shorter, whoever asks.
    with acting(Role.MODERATOR, user_id=staff(Role.MODERATOR).pk):
        assert affected("UPDATE audit_evidence SET keep_until = now()") == 1
    assert Evidence.objects.get().keep_until == kept
    with without_triggers("audit_evidence"):
        run("UPDATE audit_evidence SET keep_until = now() - interval '1 minute'")
    call_command("evidence_expire", verbosity=0)
    assert Evidence.objects.count() == 1, "the case is not decided"
    decided(case)
    call_command("evidence_expire", "--dry-run", verbosity=0)
    assert Evidence.objects.count() == 1
    call_command("evidence_expire", verbosity=0)
    assert not Evidence.objects.exists()


def test_a_decision_says_until_when_evidence_is_kept() -> None:
    case = make_case()
    run(
        "UPDATE audit_case SET status = 'claimed', claimed_by_id = %s, claimed_until = now() + interval '1 min'",
        [UserFactory().pk],
    )
    run("UPDATE audit_case SET status = 'decided', decided_at = now()")
    (row,) = run(
        "SELECT e.keep_until = c.decided_at + interval '6 months' + interval '31 days' "
        "FROM audit_evidence e, audit_case c"
    )
    assert row == (True,)
    assert Case.objects.get(pk=case.pk).claimed_by_id is None


def due_archive(performer: object = None) -> Archive:
    return make_archive(performer, purge_at=timezone.now() - timedelta(days=1))  # type: ignore[arg-type]


@pytest.mark.parametrize("kind", ["archive", "stream"])
def test_an_archive_is_not_purged_while_a_case_about_it_or_its_stream_is_open(kind: str) -> None:
    archive = due_archive()
    case = make_case(archive if kind == "archive" else archive.stream, kind=kind)
    with acting(Role.WORKER):
        with pytest.raises(Vetoed, match=f"The case {case.reference} is not closed"):
            archive_purge(archive_id=archive.pk)
        with refused("is not closed"):
            run("SELECT objects FROM streams_archive_purge(%s)", [archive.pk])
    with refused("is not closed"):
        run("UPDATE streams_archive SET purged_at = now(), deleted_at = now(), default_rendition_id = NULL")
    decided(case)
    with acting(Role.WORKER):
        archive_purge(archive_id=archive.pk)
    assert Archive.all_objects.get(pk=archive.pk).purged_at is not None


def test_another_case_of_the_same_person_keeps_nothing() -> None:
    performer = make_performer()
    archive = due_archive(performer)
    make_case(make_archive(performer), kind="archive")
    make_case(performer, kind="profile")
    with acting(Role.WORKER):
        archive_purge(archive_id=archive.pk)


def test_an_erasure_keeps_what_the_law_wants_and_deletes_what_nobody_needs() -> None:
    moderator = staff(Role.MODERATOR)
    case = make_case(reporter=moderator)
    run(
        "INSERT INTO audit_casepresence (case_id, moderator_id, seen_at) VALUES (%s, %s, now())",
        [case.pk, moderator.pk],
    )
    run(
        "INSERT INTO audit_caseskip (case_id, moderator_id, until, reason) VALUES (%s, %s, now(), 'mine')",
        [case.pk, moderator.pk],
    )
    run(
        "INSERT INTO audit_savedfilter (owner_id, name, parameters, is_shared) VALUES (%s, 'Mine', '{}', false)",
        [moderator.pk],
    )
    eraser = next(eraser for eraser in erasers() if eraser.name == "audit")
    assert eraser.order == 70
    with acting(Role.COMPLIANCE, user_id=staff(Role.COMPLIANCE).pk):
        report = eraser.survey(moderator.pk)
        counts = report.as_counts()
        assert counts["destroyed"] == {"audit_casepresence": 1, "audit_caseskip": 1, "audit_savedfilter": 1}
        assert counts["kept"] == {"audit_report": 1}
        assert all(line.why and line.until for line in report.kept)
        with refused("not erased"):
            run("SELECT moderation_person_erase(%s)", [moderator.pk])
    run("UPDATE accounts_user SET status = 'closed', closed_at = now() WHERE id = %s", [moderator.pk])
    run(
        "UPDATE accounts_user SET status = 'erased', erased_at = now(), handle = NULL WHERE id = %s",
        [moderator.pk],
    )
    with acting(Role.COMPLIANCE, user_id=staff(Role.COMPLIANCE).pk):
        eraser.erase(moderator.pk)
        assert eraser.survey(moderator.pk).as_counts() == {"destroyed": {}, "kept": {"audit_report": 1}}
