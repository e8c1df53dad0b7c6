"""After a disaster, the database as it was before: base back-up and archived log, as docs/operations.md says."""

import json
import os
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any
from uuid import UUID

import pytest
from django.db import connection
from psycopg.conninfo import conninfo_to_dict

from accounts.choices import RestrictionKind
from accounts.models import Restriction, User
from accounts.services.restrictions import restriction_lift, restriction_place
from audit.choices import VerificationOutcome
from audit.errors import SameCluster
from audit.jobs import trail_verification_carry_out
from audit.models import Event, Seal, TrailVerification
from audit.seals.head import Head, head_json, head_parsed
from audit.services.seals import trail_rebase
from audit.services.trail_verifications import trail_verification_ask
from billing import chart
from billing.errors import JournalRefused
from billing.models import Posting
from billing.services.journal import balance_of
from billing.services.ledger_care import ledger_prove, ledger_rebase, ledger_roll_forward
from core.db import provisioning
from core.db.context import acting
from core.db.partitions.maintenance import ahead_shortages, maintain
from core.db.partitions.registry import partitioned_models
from core.db.roles import Role
from core.embedded.binaries import Installation
from core.embedded.errors import ServerRefused
from core.models import QueuedJob
from tests.audit.conftest import person
from tests.audit.sealing import faults, kinds, seal, verify
from tests.billing.ledger import assert_books_prove, bought, entry, opened, post
from tests.core.archived_server import ArchivedServer, archived_server
from tests.database import ROOT, Databases
from tests.moving import dump_restored, working_in

# The disaster is made once.
pytestmark = pytest.mark.xdist_group("point_in_time")

NAME, PASSWORD, POINT = "versbottomlex", "quite-long-enough", "before_the_release"
DISASTER = """
SET session_replication_role = replica;
SET search_path = vbl, extensions;
DELETE FROM billing_posting WHERE amount < 0;
DELETE FROM audit_event;
DELETE FROM accounts_restriction;
DROP TABLE engagement_chatmessage CASCADE;
"""


@dataclass
class Past:
    """What happened on the server, and what was noted of it."""

    server: ArchivedServer
    wallet: UUID
    earned: UUID
    asked: UUID
    early: datetime
    first_segment: str
    late: datetime
    heads: dict[int, Head]


def url(superuser: str, role: Role) -> str:
    """Where the database is for one of the logins."""
    place = conninfo_to_dict(superuser)
    return f"postgresql://{role.value}:{PASSWORD}@{place['host']}:{place['port']}/{NAME}"


def kept_head() -> Head:
    """The head of the trail, as it is kept elsewhere."""
    return head_parsed(json.dumps(head_json(Seal.objects.order_by("-number").first())))


def spend(past: Past, amount: int) -> None:
    """Tokens go from the viewer to the performer."""
    post(entry((past.wallet, -amount), (past.earned, amount)))


def instant(server: ArchivedServer) -> datetime:
    ((found,),) = server.ask("SELECT clock_timestamp()")
    return found


@pytest.fixture(scope="module")
def past(
    room: Path,
    binaries: Path,
    test_databases: Databases,
    django_db_setup: None,
    django_db_blocker: Any,
) -> Iterator[Past]:
    """Everything is written by the services: before the point, after it, and then somebody drops and deletes."""
    home = Path(tempfile.mkdtemp(dir=room, prefix="a way "))
    home.chmod(0o755)
    source = test_databases.url(connection.settings_dict["NAME"])
    with archived_server(home, binaries) as server:
        superuser = server.server.conninfo(server.port)
        logins = dict.fromkeys((Role.OWNER, Role.APP), PASSWORD)
        provisioning.provision(superuser, provisioning.Plan(NAME, logins))
        dump_restored(Installation(binaries), source, url(superuser, Role.OWNER), home)
        with working_in(url(superuser, Role.OWNER), django_db_blocker):
            ledger_rebase()
            early = instant(server)
            server.back_up()
            # The base back-up ended one segment; all that follows is in the archive alone.
            ann, bob = person("ann_moderates"), person("bob_watches")
            wallet = bought(bob.pk, 100)
            (earned,) = opened(chart.earnings(ann.pk))
            with acting(Role.MODERATOR, user_id=ann.pk):
                restriction = restriction_place(
                    user_id=bob.pk, kind=RestrictionKind.CHAT, actor=ann, reason="Spam"
                )
            with acting(Role.WORKER):
                asked = trail_verification_ask(
                    actor=None,
                    later=lambda key: trail_verification_carry_out.enqueue(verification_id=key),
                )
            past = Past(server, wallet, earned, asked.pk, early, "", early, {})
            spend(past, 10)
            seal()
            past.heads[1] = kept_head()
            past.first_segment = server.segment_end()
            server.ask(f"SELECT pg_create_restore_point('{POINT}')")

            spend(past, 20)
            with acting(Role.MODERATOR, user_id=ann.pk):
                restriction_lift(restriction_id=restriction.pk, actor=ann, reason="A mistake")
            seal()
            past.heads[2] = kept_head()
            past.late = instant(server)
            ledger_roll_forward()

            server.ask(DISASTER, NAME)
            assert kinds(faults(verify())) >= {"event_deleted"}
            assert {finding.fault for finding in ledger_prove()} >= {"uneven", "entry", "balance"}
        server.segment_end()
        yield past


def proven() -> None:
    """The trail is what was sealed, and the books balance."""
    assert verify().findings == []
    assert ledger_prove() == []
    assert_books_prove()


def manage(superuser: str, *arguments: str) -> subprocess.CompletedProcess[str]:
    """A command as the login of the site."""
    app, owner = url(superuser, Role.APP), url(superuser, Role.OWNER)
    return subprocess.run(
        [sys.executable, "manage.py", *arguments],
        cwd=ROOT,
        env={
            **os.environ,
            "TEST_DATABASE_URL": app,
            "DATABASE_URL": app,
            "OWNER_DATABASE_URL": owner,
            "DJANGO_SETTINGS_MODULE": "config.settings.test",
        },
        capture_output=True,
        text=True,
        check=False,
    )


def test_a_named_point_is_whole_and_the_platform_goes_on_from_it(past: Past, django_db_blocker: Any) -> None:
    with (
        past.server.restored(f"recovery_target_name = '{POINT}'") as there,
        working_in(url(there, Role.OWNER), django_db_blocker),
    ):
        # What was before the point is there; what came later, the disaster with it, never was.
        assert Posting.objects.count() == 4
        assert (balance_of(past.wallet), balance_of(past.earned)) == (90, 10)
        assert Restriction.objects.in_force().count() == 1
        assert not Event.objects.filter(action="restriction_lifted").exists()
        proven()
        assert kinds(faults(verify(kept=past.heads[1]))) == set()
        assert kinds(faults(verify(kept=past.heads[2]))) == {"head_missing"}, (
            "that time is lost, and said to be"
        )

        # The cluster is the same one and its numbers go on: nothing is rebased.
        ((here,),) = past.server.ask("SELECT system_identifier FROM pg_control_system()")
        assert Seal.objects.get().cluster == here
        with pytest.raises(SameCluster, match="nothing has to be rebased"):
            trail_rebase()
        with pytest.raises(JournalRefused, match="nothing has to be rebased"):
            ledger_rebase()

        # Partitions, ledger, trail and queue go on.
        assert ahead_shortages(list(partitioned_models())) == {}
        assert [problem for done in maintain() for problem in done.problems] == []
        spend(past, 30)
        assert ledger_roll_forward() > 0
        assert QueuedJob.objects.get().status == "todo"
        worked = manage(there, "worker", "--once", "--quiet")
        assert worked.returncode == 0, worked.stderr
        verification = TrailVerification.objects.get(pk=past.asked)
        assert (verification.outcome, verification.found) == (VerificationOutcome.PROVEN, 0)
        assert len(seal()) == 1
        assert (balance_of(past.wallet), balance_of(past.earned)) == (60, 40)
        proven()
        # The second seal of this history is not the one of the history that was lost.
        assert kinds(faults(verify(kept=past.heads[2]))) == {"head_missing"}


def test_a_time_is_reached_to_the_last_transaction_before_it(past: Past, django_db_blocker: Any) -> None:
    with (
        past.server.restored(f"recovery_target_time = '{past.late.isoformat()}'") as there,
        working_in(url(there, Role.OWNER), django_db_blocker),
    ):
        assert Posting.objects.count() == 6
        assert (balance_of(past.wallet), balance_of(past.earned)) == (70, 30)
        assert not Restriction.objects.in_force().exists()
        assert Event.objects.filter(action="restriction_lifted").exists()
        proven()
        assert kinds(faults(verify(kept=past.heads[2]))) == set()
        assert User.objects.filter(handle="bob_watches").exists()


@pytest.mark.parametrize(
    ("target", "words"),
    [
        pytest.param(
            "recovery_target_time = '{past.early}'",
            "requested recovery stop point is before consistent recovery point",
            id="a time before the end of the base back-up",
        ),
        pytest.param(
            "recovery_target_name = 'before_the_relase'",
            "recovery ended before configured recovery target was reached",
            id="a name that nobody gave",
        ),
        pytest.param(
            "recovery_target_time = '2100-01-01'",
            "recovery ended before configured recovery target was reached",
            id="a time of which nothing is archived",
        ),
    ],
)
def test_a_target_that_cannot_be_reached_is_refused(past: Past, target: str, words: str) -> None:
    with pytest.raises(ServerRefused, match=words), past.server.restored(target.format(past=past)):
        pass


def test_a_missing_segment_is_named_and_nothing_is_opened(past: Past) -> None:
    gap = past.server.home / "archive with a gap"
    subprocess.run(["cp", "-a", past.server.archive, gap], check=True)
    (gap / past.first_segment).unlink()
    with (
        pytest.raises(
            ServerRefused, match="recovery ended before configured recovery target was reached"
        ) as refused,
        past.server.restored(f"recovery_target_name = '{POINT}'", archive=gap),
    ):
        pass
    assert f"cannot stat '{gap / past.first_segment}'" in str(refused.value)
