"""Cases move by those who may, with a reason, and the database writes it down."""

import pytest

from audit.models import Case, CaseEvent, Report
from audit.moderation_errors import CaseHeld, CaseRefused, NoteRefused, OwnCase
from audit.services.case_notes import case_note
from audit.services.cases import case_close, case_escalate, case_move_queue, case_reopen
from core.db.context import acting
from core.db.locking import NotThere
from core.db.roles import Role
from core.errors import IllegalTransition, StaleVersion
from tests.accounts.factories import UserFactory, staff
from tests.audit.factories_moderation import claimed, decided, make_case, make_report, queue
from tests.sql import affected, refused, run

pytestmark = pytest.mark.django_db


@pytest.fixture
def moderator():
    return staff(Role.MODERATOR)


@pytest.fixture
def lead():
    return staff(Role.LEAD_MODERATOR)


def as_moderator(person):
    return acting(Role.MODERATOR, user_id=person.pk)


def as_lead(person):
    return acting(Role.LEAD_MODERATOR, user_id=person.pk)


def told(case: Case) -> list[tuple[str, str]]:
    return list(CaseEvent.objects.filter(case=case).order_by("pk").values_list("kind", "words"))


def test_escalating_hands_a_case_over_with_its_reason(moderator, lead) -> None:
    case = make_case()
    with as_moderator(moderator):
        after = case_escalate(case_id=case.pk, actor=moderator, route="lead", reason="A known performer.")
        assert (after.status, after.escalation_route, after.queue.code) == ("escalated", "lead", "escalated")
        assert after.claimed_by_id is None and after.escalated_at is not None and after.due_at <= case.due_at
        with pytest.raises(CaseRefused, match="escalated already"):
            case_escalate(case_id=case.pk, actor=moderator, route="lead", reason="Again.")
        with pytest.raises(CaseRefused, match="lead moderators"):
            case_escalate(case_id=case.pk, actor=moderator, route="legal", reason="Further.")
    assert ("escalated", "A known performer.") in told(case)
    event = CaseEvent.objects.get(kind="escalated")
    assert (event.actor_id, event.acting_role) == (moderator.pk, "vbl_moderator")
    with as_lead(lead):
        further = case_escalate(case_id=case.pk, actor=lead, route="legal", reason="A question of law.")
    assert (further.escalation_route, further.queue.code) == ("legal", "legal")
    counsel = staff(Role.COMPLIANCE)
    with acting(Role.COMPLIANCE, user_id=counsel.pk):
        back = case_escalate(
            case_id=case.pk, actor=counsel, route="lead", reason="Lawful; judge it by the rules."
        )
    assert back.escalation_route == "lead"


def test_a_case_for_leads_only_stays_out_of_sight_when_it_is_escalated(moderator, lead) -> None:
    case = make_case(category="minor_safety")
    with as_lead(lead):
        after = case_escalate(case_id=case.pk, actor=lead, route="legal", reason="To be reported.")
    assert after.leads_only and after.queue.code == "minors_and_consent"
    with as_moderator(moderator):
        assert not Case.objects.exists() and not CaseEvent.objects.exists()


def test_bad_moves_are_refused_in_words_and_change_nothing(moderator, lead) -> None:
    case, own = make_case(), make_case(moderator)
    colleague = staff(Role.MODERATOR)
    claimed(case, colleague)
    before = Case.objects.get(pk=case.pk)
    with as_moderator(moderator):
        with pytest.raises(CaseHeld):
            case_escalate(case_id=case.pk, actor=moderator, route="lead", reason="Mine.")
        with pytest.raises(CaseRefused, match="Say why"):
            case_escalate(case_id=case.pk, actor=moderator, route="lead", reason=" ")
        with pytest.raises(NotThere):
            case_escalate(case_id=own.pk, actor=moderator, route="lead", reason="Mine.")
        with pytest.raises(IllegalTransition):
            case_close(case_id=case.pk, actor=moderator, reason="Done.")
        with pytest.raises(IllegalTransition):
            case_reopen(case_id=case.pk, actor=moderator, reason="Again.")
        with pytest.raises(StaleVersion):
            case_close(case_id=case.pk, actor=moderator, reason="Done.", expected_version=before.version - 1)
        with pytest.raises(CaseHeld):
            case_move_queue(case_id=case.pk, queue_id=queue("rights").pk, actor=moderator, reason="There.")
    with pytest.raises(OwnCase):
        case_escalate(case_id=own.pk, actor=moderator, route="lead", reason="Mine.")
    assert Case.objects.get(pk=case.pk).version == before.version


def test_leads_move_cases_between_queues_and_moderators_do_not(moderator, lead) -> None:
    case = make_case()
    with as_moderator(moderator), pytest.raises(CaseRefused, match="Lead moderators move cases"):
        case_move_queue(case_id=case.pk, queue_id=queue("rights").pk, actor=moderator, reason="There.")
    with as_lead(lead):
        after = case_move_queue(
            case_id=case.pk, queue_id=queue("rights").pk, actor=lead, reason="A mark of others."
        )
        assert after.queue_is_chosen and after.due_at <= case.due_at
        with pytest.raises(CaseRefused, match="waits in Rights of others already"):
            case_move_queue(case_id=case.pk, queue_id=queue("rights").pk, actor=lead, reason="Again.")
        hidden = case_move_queue(
            case_id=case.pk, queue_id=queue("minors_and_consent").pk, actor=lead, reason="She looks young."
        )
    assert hidden.leads_only and Report.objects.get().leads_only
    assert told(case)[1:] == [("queued", "A mark of others."), ("queued", "She looks young.")]
    with as_moderator(moderator):
        assert not Report.objects.exists()


def test_a_closed_case_is_taken_up_again_unless_another_one_is_open(moderator) -> None:
    subject = UserFactory()
    case = decided(make_case(subject))
    with as_moderator(moderator):
        after = case_reopen(case_id=case.pk, actor=moderator, reason="New facts.")
        assert (after.status, after.closed_at) == ("reopened", None) and after.due_at > case.due_at
    assert ("reopened", "New facts.") in told(case)
    other = decided(make_case(UserFactory()))
    make_report(type("Row", (), {"pk": other.subject_id})())
    with (
        as_moderator(moderator),
        pytest.raises(CaseRefused, match="A case about this subject is open already"),
    ):
        case_reopen(case_id=other.pk, actor=moderator, reason="New facts.")


def test_a_decided_case_is_closed(moderator) -> None:
    case = decided(make_case(), closed=False)
    with as_moderator(moderator):
        after = case_close(case_id=case.pk, actor=moderator, reason="Nothing else to do.")
    assert after.status == "closed" and after.closed_at is not None
    assert told(case)[-1] == ("closed", "Nothing else to do.")


@pytest.mark.parametrize(
    ("statement", "words"),
    [
        ("UPDATE audit_case SET status = 'claimed'", "claimed by a claim"),
        ("UPDATE audit_case SET status = 'closed', closed_at = now()", "cannot move from open to closed"),
        ("UPDATE audit_case SET status = 'decided', decided_at = now()", "cannot move from open to decided"),
        ("UPDATE audit_case SET status = 'escalated', escalation_route = 'lead'", "cannot move"),
        ("UPDATE audit_case SET queue_is_chosen = true", "by moving the case there"),
        ("UPDATE audit_case SET report_count = 0", "permission denied"),
        ("UPDATE audit_case SET claimed_by_id = NULL", "permission denied"),
        ("UPDATE audit_case SET person_id = NULL", "permission denied"),
        ("DELETE FROM audit_case", "permission denied"),
        ("INSERT INTO audit_case (subject_kind) VALUES ('person')", "permission denied"),
        ("UPDATE audit_caseevent SET words = ''", "permission denied"),
        ("SELECT moderation_event(id, 'decided', 'x') FROM audit_case", "permission denied"),
        ("SELECT moderation_case_for('person', person_id, person_id) FROM audit_case", "permission denied"),
        ("SELECT moderation_snapshot('person', person_id) FROM audit_case", "permission denied"),
    ],
)
def test_what_a_moderator_cannot_do_by_hand(statement: str, words: str, moderator) -> None:
    make_case()
    with as_moderator(moderator), refused(words):
        run(statement)


def test_whoever_holds_a_case_cannot_decide_it_without_a_decision(moderator, lead) -> None:
    case = make_case()
    claimed(case, moderator)
    with as_moderator(moderator), refused("decided by a decision"):
        run("UPDATE audit_case SET status = 'decided', decided_at = now()")
    with as_lead(lead), refused("A colleague holds this case"):
        run("UPDATE audit_case SET status = 'escalated', escalation_route = 'legal'")
    with as_moderator(moderator):
        # Times are those of the database, whatever is sent.
        assert (
            affected("UPDATE audit_case SET decided_at = now(), closed_at = NULL, escalated_at = NULL") == 1
        )
    assert Case.objects.get().decided_at is None


@pytest.mark.parametrize("role", [Role.AUDITOR, Role.ADMINISTRATOR])
def test_overseers_read_cases_and_move_none(role: Role) -> None:
    make_case(category="minor_safety")
    with acting(role, user_id=staff(role).pk):
        assert Case.objects.count() == 1
        with refused("permission denied"):
            run("UPDATE audit_case SET status = 'closed'")


def test_notes_are_read_by_those_for_whom_they_are(moderator) -> None:
    subject, reporter, stranger = UserFactory.create_batch(3)
    case = Case.objects.get(pk=make_report(subject, reporter).case_id)
    with as_moderator(moderator):
        for audience, words in (
            ("internal", "Looks like a feud."),
            ("person", "Please tell us your side."),
            ("reporters", "Thank you, we look into it."),
        ):
            case_note(case_id=case.pk, actor=moderator, words=words, audience=audience)
        with pytest.raises(NoteRefused, match="says something"):
            case_note(case_id=case.pk, actor=moderator, words="  ")
        with pytest.raises(NoteRefused, match="who may read"):
            case_note(case_id=case.pk, actor=moderator, words="x", audience="press")
        with refused("row-level security"):
            run(
                "INSERT INTO audit_caseevent (case_id, kind, audience, words, actor_id, acting_role, at, person_id) "
                "VALUES (%s, 'decided', 'internal', 'x', %s, 'x', now(), %s)",
                [case.pk, moderator.pk, subject.pk],
            )
        with refused("row-level security"):
            run(
                "INSERT INTO audit_caseevent (case_id, kind, audience, words, actor_id, acting_role, at, person_id) "
                "VALUES (%s, 'note', 'internal', 'x', %s, 'x', now(), %s)",
                [case.pk, reporter.pk, subject.pk],
            )
    seen = {}
    for person in (subject, reporter, stranger):
        with acting(Role.VIEWER, user_id=person.pk):
            seen[person.pk] = list(CaseEvent.objects.values_list("words", flat=True))
    assert seen == {
        subject.pk: ["Please tell us your side."],
        reporter.pk: ["Thank you, we look into it."],
        stranger.pk: [],
    }
    (label,) = run(
        "SELECT count(*) FROM audit_event e JOIN audit_label l ON l.id = e.id "
        "WHERE e.action = 'case_noted' AND l.reason IS NOT NULL"
    )
    assert label == (0,)
    for statement in ("UPDATE audit_caseevent SET words = 'x'", "DELETE FROM audit_caseevent"):
        with refused("append-only"):
            run(statement)


def test_what_a_reporter_did_stands_in_the_report_and_not_among_what_happened() -> None:
    case = make_case()
    event = CaseEvent.objects.get(case=case)
    assert event.actor_id is None and event.acting_role == "vbl_viewer"
