"""Two at once: one alert, every reading in it, one review."""

import pytest

from accounts.services.contacts import contact_reveal
from audit.models import ReadAlert
from audit.read_alert_errors import ReadAlertRefused
from audit.services.read_alerts import read_alert_confirm, read_alert_explain, read_alerts_find
from core.db.context import acting
from core.db.roles import Role
from tests.accounts.contacts import add
from tests.accounts.factories import UserFactory, staff
from tests.accounts.test_races import at_once, refusals
from tests.audit.readings import alert_of, read

pytestmark = pytest.mark.django_db(transaction=True)


def test_readings_at_once_join_one_alert() -> None:
    support, contact = staff(Role.SUPPORT), add(UserFactory())

    def reveal() -> None:
        with acting(Role.SUPPORT, user_id=support.pk):
            contact_reveal(contact_id=contact.pk, actor=support, reason="wrote from another address")

    def find() -> None:
        with acting(Role.WORKER):
            read_alerts_find()

    assert refusals(at_once(*[reveal] * 4, find, find)) == []
    alert = alert_of(support, "same_person")
    assert (alert.measured, alert.readings.count()) == (4, 4)


def test_two_reviews_at_once_are_one() -> None:
    reader = staff(Role.SUPPORT)
    read(reader, staff(Role.MODERATOR))
    alert = alert_of(reader, "colleague")

    def review(service):  # type: ignore[no-untyped-def]
        officer = staff(Role.COMPLIANCE)

        def act() -> None:
            with acting(Role.COMPLIANCE, user_id=officer.pk):
                service(read_alert_id=alert.pk, actor=officer, reason="asked the reader, who said why")

        return act

    outcomes = at_once(review(read_alert_explain), review(read_alert_confirm))
    assert refusals(outcomes) == [ReadAlertRefused]
    assert ReadAlert.objects.get(pk=alert.pk).status in ("explained", "misuse")
