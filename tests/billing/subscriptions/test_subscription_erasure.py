"""What stays of subscriptions when somebody is erased, and what objects."""

import pytest

from billing.services.subscription_endings import subscription_end
from billing.services.wallet_erasure import survey
from core.db.context import acting
from core.db.roles import Role
from tests.accounts.factories import staff
from tests.billing.subscriptions_data import active
from tests.billing.test_wallet_erasure import objections

pytestmark = pytest.mark.django_db


def test_a_live_subscription_objects_and_rows_stay() -> None:
    subscription = active()
    assert any("subscription" in words for words in objections(subscription.viewer))
    assert any("subscription" in words for words in objections(subscription.performer.user))
    subscription_end(subscription_id=subscription.pk, actor=staff(Role.FINANCE), reason="leaves")
    assert not any("subscription" in words for words in objections(subscription.viewer))
    with acting(Role.COMPLIANCE, user_id=staff(Role.COMPLIANCE).pk):
        kept = {line.table: line.rows for line in survey(subscription.viewer_id).kept}
    assert kept["billing_subscription"] == kept["billing_subscriptionperiod"] == 1
    assert kept["billing_subscriptionevent"] == 3
