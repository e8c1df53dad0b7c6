"""Reversals undo exactly what their decision did, and say what could not be undone."""

from typing import Any

import pytest
from django.utils import timezone

from accounts.models import Restriction, User
from accounts.services.restrictions import restriction_lift, restriction_place, user_reinstate
from audit.decision_errors import DecisionRefused, ReversalRefused
from audit.models import Case, CaseEvent, Decision, Report
from audit.moderation_choices import DecisionKind, EffectKind
from core.db.context import acting
from core.db.locking import NotThere
from core.db.roles import Role
from core.models.identity import uuid7
from performers.models import PerformerProfile
from streams.models import Archive, Stream
from streams.services.archive_decisions import (
    archive_approve,
    archive_remove,
    archive_restore,
    archive_restrict,
)
from streams.services.archives import archive_delete
from streams.services.visibility import stream_hide, stream_show
from tests.accounts.factories import UserFactory, staff
from tests.audit.factories_decisions import (
    counts,
    make_case,
    make_policy,
    make_report,
    no_violation,
    reverse,
    told,
    violation,
)
from tests.audit.factories_moderation import make_archive, without_triggers
from tests.audit.test_decision_attacks import EFFECT, INSERT
from tests.sql import refused, run
from tests.streams.factories_broadcasting import live

pytestmark = pytest.mark.django_db


@pytest.fixture
def lead() -> User:
    return staff(Role.LEAD_MODERATOR)


@pytest.fixture
def moderator() -> User:
    return staff(Role.MODERATOR)


def colleague_does(service: Any, role: Role = Role.LEAD_MODERATOR, **named: Any) -> Any:
    """A colleague acts by the service of the owning app, without any decision of moderation."""
    colleague = staff(role)
    with acting(role, user_id=colleague.pk):
        return service(actor=colleague, reason="seen otherwise", **named)


def results(reversal: Decision) -> dict[str, str]:
    return dict(reversal.effects.values_list("kind", "result"))


def status_of(archive: Archive) -> str:
    return str(Archive.all_objects.values_list("status", flat=True).get(pk=archive.pk))


def test_a_reversal_takes_all_of_it_back(moderator: User, lead: User) -> None:
    archive, reporter = make_archive(), UserFactory()
    case = make_case(archive, "archive", reporter=reporter)
    decision = violation(
        case,
        moderator,
        EffectKind.ARCHIVE_REMOVE,
        EffectKind.BAR_CHAT,
        EffectKind.WARN,
        wording=make_policy(points=3),
    )
    reversal = reverse(decision, lead)
    assert (reversal.kind, reversal.outcome, reversal.reverses, reversal.case) == (
        "correction",
        "reversal",
        decision,
        case,
    )
    assert results(reversal) == {"archive_remove": "done", "bar_chat": "done", "warn": "done"}
    assert status_of(archive) == "approved"
    assert not Restriction.objects.in_force().filter(user=archive.performer_id).exists()
    assert User.objects.get(pk=archive.performer_id).status == "active"
    decision.strike.refresh_from_db()
    assert decision.strike.revoked_by == reversal
    assert Report.objects.get().status == "rejected"
    assert len(told(reporter.pk, "report_outcome")) == 2
    (words,) = told(archive.performer_id, "reversal")
    assert words.startswith("A decision about you was reversed.")
    assert Case.objects.get(pk=case.pk).status == "closed"
    assert CaseEvent.objects.filter(case=case, kind="decided").count() == 2
    assert not Decision.objects.standing().filter(outcome="violation").exists()


def test_who_reverses_what(moderator: User, lead: User) -> None:
    colleague = staff(Role.MODERATOR)
    decision = violation(make_case(), moderator)
    with pytest.raises(ReversalRefused, match="Ask a lead moderator"):
        reverse(decision, colleague, role=Role.MODERATOR)
    with acting(Role.MODERATOR, user_id=colleague.pk), refused("those of colleagues are for leads"):
        run(INSERT, [decision.case_id, "correction", "reversal", None, colleague.pk, decision.pk])
    before = counts()
    with pytest.raises(DecisionRefused, match="Write the facts"):
        reverse(decision, moderator, role=Role.MODERATOR, reasons=" ")
    with pytest.raises(DecisionRefused, match="whoever reviews the appeal"):
        reverse(decision, lead, kind=DecisionKind.APPEAL)
    with pytest.raises(NotThere, match="no such decision"):
        reverse(Decision(pk=uuid7()), lead)
    assert counts() == before
    reversal = reverse(decision, moderator, role=Role.MODERATOR)
    with pytest.raises(ReversalRefused, match="reversed already"):
        reverse(decision, lead)
    with pytest.raises(ReversalRefused, match="A reversal is not reversed"):
        reverse(reversal, lead)
    about_lead = violation(make_case(lead), moderator)
    with pytest.raises(NotThere):
        reverse(about_lead, lead)


def test_the_database_keeps_a_reversal_whole(moderator: User, lead: User) -> None:
    case = make_case()
    decision = violation(case, moderator, EffectKind.BAR_CHAT, wording=make_policy(points=1))
    other = violation(make_case(), moderator, EffectKind.BAR_CHAT)
    effect, foreign = decision.effects.get(), other.effects.get()
    bar = ("bar_chat", "service", "chat", "person", case.person_id)

    def reversed_by(rows: list[tuple[Any, ...]], words: str, on: Any = None, strike: bool = False) -> None:
        with acting(Role.LEAD_MODERATOR, user_id=lead.pk), refused(words):
            ((reversal,),) = run(
                INSERT, [on or case.pk, "correction", "reversal", None, lead.pk, decision.pk]
            )
            for row in rows:
                run(EFFECT, [reversal, *row])
            if strike:
                run("UPDATE audit_strike SET revoked_by_id = %s, revoked_at = now()", [reversal])
            run("SET CONSTRAINTS ALL IMMEDIATE")

    reversed_by([], "undoes every effect", strike=True)
    reversed_by([(*bar, effect.pk, None)], "revokes the strike")
    reversed_by([(*bar, foreign.pk, None)], "effects of what it reverses")
    reversed_by([("bar_tip", "monetary", "tip", "person", case.person_id, effect.pk, None)], "each as it was")
    reversed_by([("warn", "none", "warning", "person", case.person_id, None, None)], "has none of its own")
    reversed_by([], "on the case of what it reverses", on=other.case_id)
    with acting(Role.LEAD_MODERATOR, user_id=lead.pk):
        with refused("by the reversal of its decision"):
            run("UPDATE audit_strike SET revoked_by_id = %s, revoked_at = now()", [other.pk])
        with refused("permission denied"):
            run("UPDATE audit_strike SET points = 1")
    assert not Decision.objects.filter(outcome="reversal").exists()


def test_what_a_colleague_lifted_stays_lifted(moderator: User, lead: User) -> None:
    case = make_case()
    decision = violation(case, moderator, EffectKind.BAR_CHAT)
    bar = Restriction.objects.get()
    colleague_does(restriction_lift, restriction_id=bar.pk)
    colleague_does(restriction_place, user_id=case.person_id, kind="chat")
    reversal = reverse(decision, lead)
    assert results(reversal) == {"bar_chat": "lapsed"}
    assert Restriction.objects.in_force().filter(user=case.person_id).count() == 1
    assert "Bar from chat: It had ended before" in told(case.person_id, "reversal")[0]


def test_a_suspension_ends_with_its_reversal_and_other_bars_stay(lead: User) -> None:
    case = make_case()
    colleague_does(restriction_place, user_id=case.person_id, kind="tip")
    decision = violation(case, lead, EffectKind.SUSPEND, EffectKind.BAR_CHAT, role=Role.LEAD_MODERATOR)
    assert User.objects.get(pk=case.person_id).status == "suspended"
    assert results(reverse(decision, lead)) == {"suspend": "done", "bar_chat": "done"}
    assert User.objects.get(pk=case.person_id).status == "restricted"
    assert [row.kind for row in Restriction.objects.in_force()] == ["tip"]


def test_a_suspension_that_a_colleague_took_back(lead: User) -> None:
    case = make_case()
    decision = violation(case, lead, EffectKind.SUSPEND, role=Role.LEAD_MODERATOR)
    colleague_does(user_reinstate, user_id=case.person_id)
    assert results(reverse(decision, lead)) == {"suspend": "lapsed"}
    closed = make_case()
    decision = violation(closed, lead, EffectKind.SUSPEND, role=Role.LEAD_MODERATOR)
    User.objects.filter(pk=closed.person_id).update(status="closed", closed_at=timezone.now())
    assert results(reverse(decision, lead)) == {"suspend": "done"}
    assert not Restriction.objects.in_force().filter(user=closed.person_id).exists()
    assert User.objects.get(pk=closed.person_id).status == "closed"


@pytest.mark.parametrize("status", ["pending", "approved", "published"])
def test_a_removed_archive_is_again_what_it_was(lead: User, status: str) -> None:
    archive = make_archive(status=status)
    before = status_of(archive)
    decision = violation(
        make_case(archive, "archive"), lead, EffectKind.ARCHIVE_REMOVE, role=Role.LEAD_MODERATOR
    )
    assert status_of(archive) == "removed"
    assert results(reverse(decision, lead)) == {"archive_remove": "done"}
    assert status_of(archive) == before


def test_two_decisions_on_one_archive_reversed_in_either_order(lead: User) -> None:
    for first_to_go in (0, 1):
        archive = make_archive()
        decisions = [
            violation(make_case(archive, "archive"), lead, kind, role=Role.LEAD_MODERATOR)
            for kind in (EffectKind.ARCHIVE_RESTRICT, EffectKind.ARCHIVE_REMOVE)
        ]
        reverse(decisions[first_to_go], lead)
        assert status_of(archive) == ("removed", "restricted")[first_to_go]
        reverse(decisions[1 - first_to_go], lead)
        assert status_of(archive) == "approved"


def test_archives_that_went_another_way_meanwhile(lead: User) -> None:
    def decided(kind: EffectKind) -> tuple[Archive, Decision]:
        archive = make_archive()
        return archive, violation(make_case(archive, "archive"), lead, kind, role=Role.LEAD_MODERATOR)

    archive, decision = decided(EffectKind.ARCHIVE_REMOVE)
    colleague_does(archive_restore, archive_id=archive.pk)
    colleague_does(archive_remove, archive_id=archive.pk)
    assert results(reverse(decision, lead)) == {"archive_remove": "lapsed"}
    assert status_of(archive) == "removed"

    archive, decision = decided(EffectKind.ARCHIVE_RESTRICT)
    colleague_does(archive_approve, archive_id=archive.pk)
    colleague_does(archive_restrict, archive_id=archive.pk)
    assert results(reverse(decision, lead)) == {"archive_restrict": "lapsed"}
    assert status_of(archive) == "restricted"

    archive, decision = decided(EffectKind.ARCHIVE_REMOVE)
    with acting(Role.PERFORMER, user_id=archive.performer_id):
        archive_delete(archive_id=archive.pk, actor=User.objects.get(pk=archive.performer_id))
    assert results(reverse(decision, lead)) == {"archive_remove": "lapsed"}
    assert "The performer has deleted it." in told(archive.performer_id, "reversal")[0]

    archive, decision = decided(EffectKind.ARCHIVE_REMOVE)
    purged = (
        "UPDATE streams_archive SET deleted_at = now(), purge_at = now(), purged_at = now(), poster_key = NULL, "
        "default_rendition_id = NULL WHERE id = %s"
    )
    with without_triggers("streams_archive"):
        run(purged, [archive.pk])
    assert results(reverse(decision, lead)) == {"archive_remove": "final"}


def test_a_stream_that_a_colleague_showed_and_hid_again(lead: User) -> None:
    stream, _ = live()
    case = make_case(stream, "stream")
    decision = violation(case, lead, EffectKind.STREAM_HIDE, role=Role.LEAD_MODERATOR)
    colleague_does(stream_show, stream_id=stream.pk)
    colleague_does(stream_hide, stream_id=stream.pk)
    assert results(reverse(decision, lead)) == {"stream_hide": "lapsed"}
    assert Stream.objects.get(pk=stream.pk).visibility == "private"


def test_words_that_the_performer_wrote_since_stay(lead: User) -> None:
    stream, _ = live()
    profile = PerformerProfile.objects.filter(pk=stream.performer_id)
    decisions = []
    for words in ("first words", "second words"):
        profile.update(headline=words)
        case = make_case(profile.get(), "profile")
        decisions.append(violation(case, lead, EffectKind.PROFILE_CLEAR, role=Role.LEAD_MODERATOR))
    assert results(reverse(decisions[0], lead)) == {"profile_clear": "lapsed"}
    assert profile.get().headline == ""
    assert results(reverse(decisions[1], lead)) == {"profile_clear": "done"}
    assert profile.get().headline == "second words"


def test_a_finding_of_no_violation_is_taken_back_by_looking_again(moderator: User, lead: User) -> None:
    reporter = UserFactory()
    case = make_case(reporter=reporter)
    decision = no_violation(case, moderator)
    reverse(decision, lead)
    assert Report.objects.get().status == "received"
    assert Case.objects.get(pk=case.pk).status == "reopened"
    assert "looked at again" in told(reporter.pk, "report_outcome")[-1]
    assert told(case.person_id) == []


def test_undoing_a_bulk_job_lets_cases_wait_again_unless_another_is_open(moderator: User) -> None:
    case = make_case()
    decision = violation(case, moderator, EffectKind.BAR_CHAT)
    reverse(decision, moderator, role=Role.MODERATOR, kind=DecisionKind.UNDO)
    assert Case.objects.get(pk=case.pk).status == "reopened"
    again = violation(case, moderator, EffectKind.BAR_CHAT)
    make_report(User.objects.get(pk=case.person_id))
    reverse(again, moderator, role=Role.MODERATOR, kind=DecisionKind.UNDO)
    assert Case.objects.get(pk=case.pk).status == "closed"
    assert Report.objects.filter(case=case).get().status == "rejected"
