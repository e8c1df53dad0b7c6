"""The rooms of oversight, entered by people."""

from collections.abc import Callable
from datetime import UTC, datetime, timedelta

import pytest
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from accounts.choices import RestrictionKind
from accounts.models import RoleGrant, User
from accounts.services.login_events import login_event_record
from accounts.services.restrictions import restriction_place
from accounts.services.role_grants import role_grant
from audit.choices import SecurityKind, Severity
from audit.models import Event, SecurityEvent
from audit.services.events import event_record
from audit.services.security import security_event_record
from core.db.context import acting
from core.db.roles import STAFF_ROLES, Role
from core.jobs.runs import run_of
from tests.audit.conftest import person
from tests.sql import run

pytestmark = pytest.mark.django_db

TRAIL = "admin:audit_event_changelist"
OVERSEERS = (Role.AUDITOR, Role.COMPLIANCE, Role.ADMINISTRATOR)
READERS = (*OVERSEERS, Role.SUPPORT, Role.MODERATOR, Role.LEAD_MODERATOR)
SignIn = Callable[[Role], Client]


@pytest.fixture
def sign_in() -> SignIn:
    """Sign a new member of staff in, acting in one role."""

    def enter(role: Role) -> Client:
        colleague = person(f"colleague_{role.short}")
        role_grant(user_id=colleague.pk, role=role, actor=None, reason="for this test")
        client = Client(REMOTE_ADDR="203.0.113.9")
        client.force_login(colleague)
        session = client.session
        session["acting_role"] = role.value
        session.save()
        return client

    return enter


@pytest.fixture
def restricted(ann: User, bob: User) -> Event:
    with acting(Role.MODERATOR, user_id=ann.pk):
        restriction_place(user_id=bob.pk, kind=RestrictionKind.CHAT, actor=ann, reason="Spam in seven rooms")
    return Event.objects.get(action="restriction_placed")


def page(client: Client, **query: str) -> str:
    response = client.get(reverse(TRAIL), query)
    assert response.status_code == 200
    return response.content.decode()


class TestTrail:
    @pytest.mark.parametrize("role", READERS)
    def test_readers_see_who_did_what_to_whom_and_why(
        self, role: Role, sign_in: SignIn, restricted: Event
    ) -> None:
        text = page(sign_in(role), action="restricted")
        for words in ("ann_moderates", "Moderator", "restricted", "bob_watches", "Spam in seven rooms"):
            assert words in text

    @pytest.mark.parametrize("role", [role for role in STAFF_ROLES if role not in READERS])
    def test_others_have_no_such_room(self, role: Role, sign_in: SignIn, restricted: Event) -> None:
        client = sign_in(role)
        assert client.get(reverse(TRAIL)).status_code == 403
        assert client.get(reverse("admin:index")).status_code == 200

    @pytest.mark.parametrize(
        ("query", "found"),
        [
            ({"actor": "ann_moderates"}, True),
            ({"actor": "ANN_MODERATES"}, True),
            ({"actor": "bob_watches"}, False),
            ({"subject": "bob_watches"}, True),
            ({"subject": "ann_moderates"}, False),
            ({"action": "restriction_placed"}, True),
            ({"action": "restriction placed"}, True),
            ({"action": "suspended"}, False),
            ({"since": "2026-01-01"}, True),
            ({"until": "2020-01-01"}, False),
            ({"actor": "ann_moderates", "action": "restricted", "since": "2026-01-01"}, True),
        ],
    )
    def test_it_is_narrowed_by_actor_subject_action_and_time(
        self, query: dict[str, str], found: bool, sign_in: SignIn, restricted: Event
    ) -> None:
        assert ("Spam in seven rooms" in page(sign_in(Role.AUDITOR), **query)) is found

    @pytest.mark.parametrize(
        ("query", "words"),
        [
            ({"actor": "nobody_like_that"}, "Nobody has the handle nobody_like_that."),
            ({"subject": "%00"}, "Nobody has the handle"),
            ({"action": "dance"}, "No action is called dance."),
            ({"since": "yesterday"}, "Write a day as"),
            ({"since": "2026-02-01", "until": "2026-01-01"}, "before the beginning"),
        ],
    )
    def test_nonsense_is_named_and_finds_nothing(
        self, query: dict[str, str], words: str, sign_in: SignIn, restricted: Event
    ) -> None:
        text = page(sign_in(Role.AUDITOR), **query)
        assert words in text
        assert "Spam in seven rooms" not in text

    def test_pages_follow_by_key_and_nothing_is_counted(
        self, sign_in: SignIn, bob: User, django_assert_max_num_queries: Callable
    ) -> None:
        for _ in range(120):
            event_record(action="flag_raised", subject=bob)
        client = sign_in(Role.AUDITOR)
        with django_assert_max_num_queries(13) as asked:
            text = page(client, subject="bob_watches")
        assert not [query for query in asked if "COUNT(" in query["sql"].upper()]
        assert text.count("flagged</a>") == 50
        oldest_shown = Event.objects.about(bob).order_by("-pk")[49]
        assert f"after={oldest_shown.pk}" in text
        assert page(client, subject="bob_watches", after=str(oldest_shown.pk)).count("flagged</a>") == 50

    def test_a_page_of_forty_asks_as_much_as_a_page_of_one(self, sign_in: SignIn, bob: User) -> None:
        client = sign_in(Role.MODERATOR)
        event_record(action="flag_raised", subject=bob)
        page(client)
        with _counting() as one:
            page(client)
        for _ in range(40):
            event_record(action="flag_raised", subject=bob)
        with _counting() as many:
            page(client)
        assert len(many) <= len(one)

    def test_an_event_shows_all_and_proves_its_words(self, sign_in: SignIn, restricted: Event) -> None:
        client = sign_in(Role.AUDITOR)
        text = client.get(reverse("admin:audit_event_change", args=[restricted.pk])).content.decode()
        assert "yes: they are those that were written" in text
        run("ALTER TABLE audit_label DISABLE TRIGGER USER")
        run("UPDATE audit_label SET reason = 'Nothing much'")
        text = client.get(reverse("admin:audit_event_change", args=[restricted.pk])).content.decode()
        assert "NO: they were changed afterwards" in text
        run("DELETE FROM audit_label")
        text = client.get(reverse("admin:audit_event_change", args=[restricted.pk])).content.decode()
        assert "erased" in text

    @pytest.mark.parametrize("verb", ["add", "change", "delete"])
    def test_nothing_can_be_changed(self, verb: str, sign_in: SignIn, restricted: Event) -> None:
        client = sign_in(Role.ADMINISTRATOR)
        arguments = [] if verb == "add" else [restricted.pk]
        response = client.post(
            reverse(f"admin:audit_event_{verb}", args=arguments),
            {"action": "x", "post": "yes", "acting_role": "administrator"},
        )
        assert response.status_code in (403, 405)
        restricted.refresh_from_db()
        assert restricted.action == "restriction_placed"

    def test_the_page_of_a_person_shows_the_trail(
        self, sign_in: SignIn, restricted: Event, bob: User
    ) -> None:
        client = sign_in(Role.MODERATOR)
        with acting(Role.APP):
            login_event_record(user=bob, failure=None, address="198.51.100.7", user_agent="Lynx")
        text = client.get(reverse("admin:accounts_user_change", args=[bob.pk])).content.decode()
        assert "Spam in seven rooms" in text
        assert f"{reverse(TRAIL)}?subject={bob.pk}" in text
        assert "198.51.100.7" in text

    def test_home_shows_what_one_did_last(self, sign_in: SignIn, bob: User) -> None:
        client = sign_in(Role.FINANCE)
        colleague = User.objects.with_handle("colleague_finance").get()
        event_record(action="flag_raised", subject=bob, actor=colleague)
        assert "Flagged: person" in client.get(reverse("admin:index")).content.decode()

    def test_what_staff_do_carries_the_address_of_the_request(self, sign_in: SignIn) -> None:
        client = sign_in(Role.AUDITOR)
        event = Event.objects.select_related("label").get(action="signed_in")
        assert event.label.address is None or event.label.address == "203.0.113.9"
        assert client.get(reverse(TRAIL)).status_code == 200


class _counting:
    """Counts the queries of a block."""

    def __enter__(self) -> list[dict[str, str]]:
        from django.db import connection
        from django.test.utils import CaptureQueriesContext

        self.context = CaptureQueriesContext(connection)
        self.context.__enter__()
        self.found: list[dict[str, str]] = []
        return self.found

    def __exit__(self, *failure: object) -> None:
        self.context.__exit__(None, None, None)
        self.found.extend(self.context.captured_queries)


class TestOtherRooms:
    @pytest.fixture
    def trouble(self, bob: User) -> None:
        security_event_record(
            kind=SecurityKind.ACCOUNT_GUESSING,
            severity=Severity.HIGH,
            person_id=bob.pk,
            address="198.51.100.7",
        )
        with pytest.raises(ValueError, match="dirt"), run_of("sweep"):
            raise ValueError("dirt")

    @pytest.mark.parametrize(
        ("model", "readers"),
        [
            ("securityevent", OVERSEERS),
            ("jobrun", (Role.AUDITOR, Role.ADMINISTRATOR)),
            ("deployment", (Role.AUDITOR, Role.ADMINISTRATOR)),
        ],
    )
    @pytest.mark.parametrize("role", STAFF_ROLES)
    def test_who_may_enter(
        self, model: str, readers: tuple[Role, ...], role: Role, sign_in: SignIn, trouble: None
    ) -> None:
        response = sign_in(role).get(reverse(f"admin:audit_{model}_changelist"))
        assert response.status_code == (200 if role in readers else 403)

    @pytest.mark.parametrize(
        ("query", "found"),
        [
            ({"urgent": "yes"}, True),
            ({"person": "bob_watches"}, True),
            ({"actor": "bob_watches"}, False),
            ({"address": "198.51.100.7"}, True),
            ({"address": "198.51.100.8"}, False),
            ({"address": "next door"}, False),
            ({"kind": "role_conflict"}, False),
        ],
    )
    def test_security_events_are_narrowed(
        self, query: dict[str, str], found: bool, sign_in: SignIn, trouble: None
    ) -> None:
        response = sign_in(Role.AUDITOR).get(reverse("admin:audit_securityevent_changelist"), query)
        assert response.status_code == 200
        assert ("198.51.100.7</td>" in response.content.decode()) is found

    def test_home_says_what_is_urgent_and_what_failed(self, sign_in: SignIn, trouble: None) -> None:
        client = sign_in(Role.AUDITOR)
        text = client.get(reverse("admin:index")).content.decode()
        for title in ("Urgent security events", "Jobs in trouble"):
            assert title in text
        week = (timezone.now() - timedelta(days=7)).date()
        listed = client.get(reverse("admin:audit_jobrun_changelist"), {"trouble": "yes", "since": str(week)})
        assert "sweep" in listed.content.decode()

    def test_runs_and_deployments_show_their_pages(self, sign_in: SignIn, trouble: None) -> None:
        client = sign_in(Role.ADMINISTRATOR)
        for model in ("jobrun", "deployment", "securityevent"):
            ((key,),) = run(f"SELECT id FROM audit_{model} ORDER BY id DESC LIMIT 1")
            response = client.get(reverse(f"admin:audit_{model}_change", args=[key]))
            assert response.status_code == 200

    def test_log_ins_are_narrowed_by_person_and_address(self, sign_in: SignIn, bob: User) -> None:
        with acting(Role.APP):
            login_event_record(user=bob, failure=None, address="198.51.100.7", user_agent="Lynx")
        client = sign_in(Role.SUPPORT)
        for query, found in (
            ({"user": "bob_watches"}, True),
            ({"address": "198.51.100.7"}, True),
            ({"address": "198.51.100.8"}, False),
            ({"since": f"{datetime.now(UTC) + timedelta(days=1):%Y-%m-%d}"}, False),
        ):
            response = client.get(reverse("admin:accounts_loginevent_changelist"), query)
            assert ("Lynx" in response.content.decode()) is found, query


class TestRefusals:
    def test_a_page_that_is_not_for_the_role_is_recorded(self, sign_in: SignIn) -> None:
        client = sign_in(Role.FINANCE)
        client.get(reverse("admin:audit_securityevent_changelist"))
        event = SecurityEvent.objects.get()
        assert (event.kind, event.acting_role) == ("permission_denied", Role.FINANCE)
        assert event.detail["page"] == "admin:audit_securityevent_changelist"
        assert event.address == "203.0.113.9"

    def test_a_grant_that_ended_leaves_nothing(self, sign_in: SignIn) -> None:
        client = sign_in(Role.AUDITOR)
        run("UPDATE accounts_rolegrant SET valid = tstzrange(now() - interval '2 s', now() - interval '1 s')")
        assert not RoleGrant.objects.in_force().exists()
        assert client.get(reverse(TRAIL)).status_code != 200
