"""Twenty moderators at once, on connections of their own."""

from typing import Any

import pytest

from accounts.models import User
from audit.models import Case, Claim
from audit.services.claims import case_claim, claim_next
from core.db.context import acting
from core.db.roles import Role
from tests.accounts.factories import UserFactory
from tests.accounts.test_races import at_once, refusals
from tests.audit.factories_moderation import lease_runs_out, make_case

pytestmark = pytest.mark.django_db(transaction=True)


def take_next(moderator: User) -> Any:
    def act() -> Any:
        with acting(Role.MODERATOR, user_id=moderator.pk):
            case = claim_next(actor=moderator)
            return case and case.pk

    return act


def test_twenty_moderators_get_twenty_different_cases() -> None:
    cases = [make_case() for _ in range(25)]
    moderators = UserFactory.create_batch(20)
    outcomes = at_once(*(take_next(moderator) for moderator in moderators))
    assert refusals(outcomes) == []
    assert len(set(outcomes)) == 20 and set(outcomes) <= {case.pk for case in cases}
    assert {(claim.case_id, claim.moderator_id) for claim in Claim.objects.in_force()} == {
        (case_id, moderator.pk) for case_id, moderator in zip(outcomes, moderators, strict=True)
    }
    # Those who come next share what is left, and then there is nothing.
    again = at_once(*(take_next(moderator) for moderator in moderators[:8]))
    assert len({case_id for case_id in again if case_id}) == 5 and again.count(None) == 3
    # A lease that ran out frees its case without any job.
    late = Case.objects.get(pk=outcomes[0])
    lease_runs_out(late)
    taken = at_once(*(take_next(moderator) for moderator in moderators[1:4]))
    assert [case_id for case_id in taken if case_id] == [late.pk]


def test_two_claim_the_same_case_and_one_is_told_who_holds_it() -> None:
    case, moderators = make_case(), UserFactory.create_batch(2)

    def claim(moderator: User) -> Any:
        with acting(Role.MODERATOR, user_id=moderator.pk):
            return case_claim(case_id=case.pk, actor=moderator)

    outcomes = at_once(*(lambda moderator=moderator: claim(moderator) for moderator in moderators))
    (told,) = [outcome for outcome in outcomes if isinstance(outcome, Exception)]
    assert "holds this case until" in str(told)
    assert Claim.objects.count() == 1
