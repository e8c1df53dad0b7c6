"""A lease is a period: whoever works a case holds it, and nobody has to free it."""

from datetime import timedelta

import pytest
from django.core.management import call_command
from django.db import connection
from django.test.utils import CaptureQueriesContext

from audit.models import Case, CasePresence, CaseSkip, Claim
from audit.moderation_errors import CaseHeld, CaseNotHeld, CaseRefused, OwnCase
from audit.services.claims import (
    LEASE,
    case_claim,
    case_skip,
    claim_next,
    claim_release,
    claim_renew,
    claims_settle,
)
from audit.services.presences import presence_note, presences_of
from core.db.context import acting
from core.db.locking import NotThere
from core.db.roles import Role
from core.errors import StaleVersion
from tests.accounts.factories import UserFactory, staff
from tests.audit.factories_moderation import (
    claimed,
    decided,
    lease_runs_out,
    make_case,
    queue,
    without_triggers,
)
from tests.sql import affected, refused, run

pytestmark = pytest.mark.django_db


@pytest.fixture
def moderator():
    return staff(Role.MODERATOR)


@pytest.fixture
def colleague():
    return staff(Role.MODERATOR)


def as_moderator(person):
    return acting(Role.MODERATOR, user_id=person.pk)


def test_a_claim_holds_for_a_quarter_of_an_hour_and_says_who_has_it(moderator, colleague) -> None:
    case = make_case()
    claim = claimed(case, moderator)
    held = Case.objects.get()
    assert (held.status, held.claimed_by_id, held.claimed_until) == (
        "claimed",
        moderator.pk,
        claim.valid.upper,
    )
    assert claim.valid.upper - claim.valid.lower == LEASE
    with as_moderator(colleague):
        with pytest.raises(CaseHeld, match=f"{moderator.handle} holds this case until"):
            case_claim(case_id=case.pk, actor=colleague)
        with pytest.raises(CaseNotHeld):
            claim_renew(case_id=case.pk, actor=colleague)
        with pytest.raises(CaseNotHeld):
            claim_release(case_id=case.pk, actor=colleague)
        with refused("audit_claim_valid_excl"):
            run(
                "INSERT INTO audit_claim (case_id, moderator_id, valid) VALUES (%s, %s, 'empty')",
                [case.pk, colleague.pk],
            )


def test_work_renews_the_lease_without_a_new_version_and_release_gives_back(moderator) -> None:
    case = make_case()
    first = claimed(case, moderator)
    version = Case.objects.get().version
    with as_moderator(moderator):
        renewed = claim_renew(case_id=case.pk, actor=moderator)
        assert renewed.pk == first.pk and renewed.valid.upper > first.valid.upper
        assert case_claim(case_id=case.pk, actor=moderator).pk == first.pk
        assert Case.objects.get().version == version
        freed = claim_release(case_id=case.pk, actor=moderator)
    assert (freed.status, freed.claimed_by_id, freed.claimed_until) == ("open", None, None)
    assert not Claim.objects.in_force().exists()
    # Claims leave nothing among what happened to the case.
    assert run("SELECT kind FROM audit_caseevent") == [("opened",)]
    assert run("SELECT count(*) FROM audit_event WHERE action LIKE '%%claim%%'") == [(0,)]


def test_a_lease_that_ran_out_is_taken_over_and_cannot_be_renewed(moderator, colleague) -> None:
    case = make_case()
    claimed(case, moderator)
    lease_runs_out(case)
    with as_moderator(moderator):
        with pytest.raises(CaseNotHeld, match="any more"):
            claim_renew(case_id=case.pk, actor=moderator)
        with refused("has run out"):
            run("UPDATE audit_claim SET valid = tstzrange(lower(valid), now() + interval '1 hour')")
    assert Case.objects.get().status == "claimed"
    with as_moderator(colleague):
        case_claim(case_id=case.pk, actor=colleague)
    assert Case.objects.get().claimed_by_id == colleague.pk
    assert Claim.objects.count() == 2


def test_no_claim_is_longer_than_the_lease_or_in_another_name(moderator, colleague) -> None:
    case = make_case()
    with as_moderator(moderator):
        with refused("row-level security"):
            run(
                "INSERT INTO audit_claim (case_id, moderator_id, valid) VALUES (%s, %s, tstzrange(now(), now()))",
                [case.pk, colleague.pk],
            )
        run(
            "INSERT INTO audit_claim (case_id, moderator_id, valid) "
            "VALUES (%s, %s, tstzrange(now(), now() + interval '1 year'))",
            [case.pk, moderator.pk],
        )
        run("UPDATE audit_claim SET valid = tstzrange(lower(valid), now() + interval '1 year')")
        with refused("permission denied"):
            run("DELETE FROM audit_claim")
    (row,) = run("SELECT upper(valid) <= now() + interval '20 minutes' FROM audit_claim")
    assert row == (True,)
    with as_moderator(colleague):
        assert affected("UPDATE audit_claim SET valid = tstzrange(lower(valid), now())") == 0


def test_nobody_claims_what_is_their_own_hidden_decided_or_escalated_to_others(moderator) -> None:
    own, hidden, closed = make_case(moderator), make_case(category="minor_safety"), decided(make_case())
    lead = staff(Role.LEAD_MODERATOR)
    with as_moderator(moderator):
        for case in (own, hidden):
            with pytest.raises(NotThere):
                case_claim(case_id=case.pk, actor=moderator)
            with refused("no such case for you"):
                run(
                    "INSERT INTO audit_claim (case_id, moderator_id, valid) VALUES (%s, %s, tstzrange(now(), now()))",
                    [case.pk, moderator.pk],
                )
        with pytest.raises(CaseRefused, match="is closed; nobody has to claim it"):
            case_claim(case_id=closed.pk, actor=moderator)
        with pytest.raises(StaleVersion):
            case_claim(case_id=closed.pk, actor=moderator, expected_version=99)
    with pytest.raises(OwnCase):
        case_claim(case_id=own.pk, actor=moderator)
    with acting(Role.LEAD_MODERATOR, user_id=lead.pk):
        assert case_claim(case_id=hidden.pk, actor=lead).moderator_id == lead.pk


def test_the_most_urgent_comes_first_and_what_one_passed_over_does_not(moderator, colleague) -> None:
    low, high, middle = make_case(category="spam"), make_case(category="violence"), make_case(category="hate")
    with as_moderator(moderator):
        skip = case_skip(case_id=high.pk, actor=moderator, hours=2, reason="I know them")
        assert claim_next(actor=moderator) == middle
        assert claim_next(actor=moderator, queue_code="general") == low
        assert claim_next(actor=moderator) is None
        assert claim_next(actor=moderator, queue_code="rights") is None
        with pytest.raises(CaseRefused, match="1 to 336 hours"):
            case_skip(case_id=high.pk, actor=moderator, hours=0)
        # Passing over one's own case releases it.
        case_skip(case_id=middle.pk, actor=moderator)
    assert Case.objects.get(pk=middle.pk).status == "open"
    with as_moderator(colleague):
        assert not CaseSkip.objects.exists()
        assert claim_next(actor=colleague) == high
    with without_triggers("audit_caseskip"):
        CaseSkip.objects.filter(pk=skip.pk).update(until=skip.until - timedelta(days=1))
    lease_runs_out(Case.objects.get(pk=high.pk))
    with as_moderator(moderator):
        assert claim_next(actor=moderator) == high


def test_each_role_is_given_what_is_for_it(moderator) -> None:
    ordinary, to_lead, to_legal = make_case(), make_case(), make_case()
    lead, counsel = staff(Role.LEAD_MODERATOR), staff(Role.COMPLIANCE)
    with without_triggers("audit_case"):
        for case, route in ((to_lead, "lead"), (to_legal, "legal")):
            Case.objects.filter(pk=case.pk).update(
                status="escalated", escalated_at=case.created_at, escalation_route=route
            )
    with as_moderator(moderator):
        assert claim_next(actor=moderator) == ordinary
        assert claim_next(actor=moderator) is None
        for case, words in ((to_lead, "lead moderators"), (to_legal, "legal counsel")):
            with pytest.raises(CaseRefused, match=words):
                case_claim(case_id=case.pk, actor=moderator)
    with acting(Role.LEAD_MODERATOR, user_id=lead.pk):
        assert claim_next(actor=lead) == to_lead
        assert claim_next(actor=lead) is None
        freed = claim_release(case_id=to_lead.pk, actor=lead)
    assert freed.status == "escalated" and freed.escalation_route == "lead"
    with acting(Role.COMPLIANCE, user_id=counsel.pk):
        assert claim_next(actor=counsel) == to_legal


def test_the_worker_settles_what_ran_out_and_nothing_else(moderator, colleague) -> None:
    over, held = make_case(), make_case()
    claimed(over, moderator)
    claimed(held, colleague)
    lease_runs_out(over)
    with acting(Role.WORKER):
        assert claims_settle() == 1
        assert claims_settle() == 0
        with refused("becomes free when they release it"):
            run("UPDATE audit_case SET status = 'open' WHERE id = %s", [held.pk])
    assert (
        Case.objects.get(pk=over.pk).status == "open" and Case.objects.get(pk=over.pk).claimed_by_id is None
    )
    assert Case.objects.get(pk=held.pk).status == "claimed"
    call_command("claims_settle", verbosity=0)


def test_colleagues_see_who_looks_at_a_case_and_pages_are_forgotten(moderator, colleague) -> None:
    case, hidden = make_case(), make_case(category="minor_safety")
    with as_moderator(moderator):
        presence_note(case_id=case.pk, actor=moderator)
        presence_note(case_id=case.pk, actor=moderator)
        presence_note(case_id=hidden.pk, actor=moderator)
        assert CasePresence.objects.count() == 1
        assert list(presences_of(case_id=case.pk, actor=moderator)) == []
        with refused("row-level security"):
            run(
                "INSERT INTO audit_casepresence (case_id, moderator_id) VALUES (%s, %s)",
                [case.pk, colleague.pk],
            )
    with as_moderator(colleague):
        assert [row.moderator for row in presences_of(case_id=case.pk, actor=colleague)] == [moderator]
        case_skip(case_id=case.pk, actor=colleague)
    call_command("case_presences_forget", verbosity=0)
    call_command("case_skips_forget", verbosity=0)
    assert CasePresence.objects.count() == CaseSkip.objects.count() == 1
    with without_triggers("audit_casepresence", "audit_caseskip"):
        run("UPDATE audit_casepresence SET seen_at = now() - interval '2 days'")
        run("UPDATE audit_caseskip SET until = now() - interval '8 days'")
    with as_moderator(colleague):
        assert not presences_of(case_id=case.pk, actor=colleague).exists()
    call_command("case_presences_forget", verbosity=0)
    call_command("case_skips_forget", verbosity=0)
    assert not CasePresence.objects.exists() and not CaseSkip.objects.exists()


@pytest.mark.parametrize("waiting", [1, 20])
def test_the_next_case_costs_the_same_whatever_waits(waiting: int, moderator) -> None:
    for _ in range(waiting):
        make_case()
    with (
        as_moderator(moderator),
        CaptureQueriesContext(
            connection,
        ) as queries,
    ):
        claim_next(actor=moderator)
    assert len(queries) <= 9


def test_a_case_that_moves_out_of_sight_can_only_be_given_back(moderator) -> None:
    case = make_case()
    claimed(case, moderator)
    Case.objects.filter(pk=case.pk).update(queue=queue("minors_and_consent"), queue_is_chosen=True)
    with as_moderator(moderator):
        with pytest.raises(NotThere):
            claim_renew(case_id=case.pk, actor=moderator)
        with refused("only be released"):
            run("UPDATE audit_claim SET valid = tstzrange(lower(valid), now() + interval '15 minutes')")
        assert affected("UPDATE audit_claim SET valid = tstzrange(lower(valid), statement_timestamp())") == 1
    assert Case.objects.get().status == "open"


@pytest.mark.parametrize("role", [Role.SUPPORT, Role.FINANCE, Role.VIEWER, Role.PERFORMER])
def test_others_claim_nothing(role: Role) -> None:
    case = make_case()
    person = UserFactory() if role in (Role.VIEWER, Role.PERFORMER) else staff(role)
    with acting(role, user_id=person.pk), refused("permission denied"):
        run(
            "INSERT INTO audit_claim (case_id, moderator_id, valid) VALUES (%s, %s, 'empty')",
            [case.pk, person.pk],
        )
