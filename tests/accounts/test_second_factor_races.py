"""One code in two requests at once, on connections of their own."""

import pytest

from accounts.choices import SignInFailure
from accounts.errors import SecondFactorRefused
from accounts.models import RecoveryCode, TotpDevice, User
from accounts.services.second_factor import Verdict, code_verify, second_factor_enrol, secret_new
from core.db.context import acting
from core.db.roles import Role
from tests.accounts.factories import staff
from tests.accounts.second_factors import App, enrolled
from tests.accounts.test_races import at_once, refusals

pytestmark = pytest.mark.django_db(transaction=True)


def enter(user: User, code: str) -> Verdict:
    with acting(Role.APP, user_id=user.pk):
        return code_verify(user=user, code=code)


def test_a_code_of_the_app_passes_once() -> None:
    user = staff(Role.MODERATOR)
    app, _ = enrolled(user)
    code = app.code()
    verdicts = at_once(*[lambda: enter(user, code)] * 4)
    assert [verdict.passed for verdict in verdicts].count(True) == 1
    # The first loser hears that it was used; the others have to wait.
    assert SignInFailure.REPLAYED_CODE in {verdict.failure for verdict in verdicts}


def test_a_recovery_code_passes_once() -> None:
    user = staff(Role.MODERATOR)
    _, codes = enrolled(user)
    verdicts = at_once(*[lambda: enter(user, codes[0])] * 4)
    assert [verdict.passed for verdict in verdicts].count(True) == 1
    assert [verdict.failure for verdict in verdicts].count(SignInFailure.REPLAYED_CODE) == 3
    assert RecoveryCode.objects.filter(used_at__isnull=False).count() == 1


def test_guesses_at_once_are_one_guess() -> None:
    user = staff(Role.MODERATOR)
    app, _ = enrolled(user)
    verdicts = at_once(*[lambda: enter(user, app.wrong())] * 4)
    assert not any(verdict.passed for verdict in verdicts)
    assert TotpDevice.objects.get().throttling_failure_count == 1


def test_two_apps_set_up_at_once_and_one_is_in_place() -> None:
    user = staff(Role.MODERATOR)

    def set_up() -> list[str]:
        app = App(secret_new())
        with acting(Role.APP, user_id=user.pk):
            return second_factor_enrol(user=user, secret=app.secret, code=app.code(), session_key="")[1]

    outcomes = at_once(set_up, set_up)
    assert refusals(outcomes) == [SecondFactorRefused]
    assert TotpDevice.objects.count() == 1
    assert RecoveryCode.objects.count() == 10
