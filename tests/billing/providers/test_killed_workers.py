"""A worker that is killed after the provider charged and before anything was recorded."""

import os
import secrets
import signal
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.billing.providers.gated import GATE
from tests.database import Databases
from tests.site.test_worker import AT_THE_GATE, House, eventually, held


class Shop(House):
    """A database with its logins, whose workers call the gated simulator."""

    @property
    def environment(self) -> dict[str, str]:
        return {**super().environment, "DJANGO_SETTINGS_MODULE": "tests.billing.providers.gated.settings"}

    def call(self) -> tuple[str, int]:
        """Request a call; its id and the number of its job."""
        ((account,),) = self.sql(
            "INSERT INTO billing_provideraccount "
            "(code, kind, legal_entity, currency, is_live, webhook_secrets, api_credentials) "
            "VALUES ('simulator', 'simulator', 'x', 'EUR', false, ARRAY['simulator_messages'], '') RETURNING id"
        )
        ((call,),) = self.sql(
            "INSERT INTO billing_providercall (provider_account_id, operation, subject_type, subject_id, "
            "idempotency_key, amount, currency, next_try_at, answer) "
            "VALUES (%s, 'authorise', 'billing.paymentattempt', uuidv7(), 'attempt-0001', 2999, 'EUR', now(), '{}') "
            "RETURNING id",
            account,
        )
        return str(call), self.enqueue("provider_call_make", call_id=str(call))


@pytest.fixture
def shop(test_databases: Databases, tmp_path: Path) -> Iterator[Shop]:
    name = f"{test_databases.run}_shop_{os.environ.get('PYTEST_XDIST_WORKER', 'only')}"
    shop = Shop.on(test_databases, name, tmp_path / "workers.log")
    shop.sql("CREATE TABLE effect (what text NOT NULL, at timestamptz NOT NULL DEFAULT now())")
    shop.sql("GRANT INSERT ON effect TO vbl_worker")
    shop.sql("UPDATE django_migrations SET applied = now() WHERE app = 'core'")
    yield shop
    shop.stop_all()


def test_charged_and_killed_is_looked_up_and_never_charged_again(
    shop: Shop, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("PROVIDER_SECRET_SIMULATOR_MESSAGES", secrets.token_hex())
    with held(shop, "SELECT pg_advisory_xact_lock(%s)", GATE):
        call, number = shop.call()
        first = shop.start()
        eventually(lambda: shop.waits_for(AT_THE_GATE), "the answer at its gate")
        first.send_signal(signal.SIGKILL)
        first.wait()
        assert shop.sql("SELECT status, tries FROM billing_providercall WHERE id = %s", call) == [
            ("begun", 1)
        ]
        assert shop.sql("SELECT outcome, calls FROM billing_simulatedcharge") == [("succeeded", 1)]
        assert shop.sql("SELECT count(*) FROM effect WHERE what LIKE 'succeeded%%'") == [(0,)]
    shop.start()
    assert shop.ended(number) == "succeeded"
    assert shop.sql("SELECT status, tries FROM billing_providercall WHERE id = %s", call) == [("answered", 2)]
    assert shop.sql("SELECT outcome, calls FROM billing_simulatedcharge") == [("succeeded", 1)]
    assert shop.sql("SELECT count(*) FROM effect WHERE what LIKE 'succeeded%%'") == [(1,)]
    assert shop.sql("SELECT kind FROM core_jobincident WHERE job_id = %s AND kind = 'lost'", number)
