"""Erasing the words of the trail about a person: by compliance, and with the account."""

from uuid import UUID

import pytest

from accounts.choices import RestrictionKind
from accounts.models import User
from accounts.services.restrictions import restriction_place
from audit.models import Event, Label
from audit.receivers import ERASURE
from audit.seals.signing import RingKeys
from audit.seals.verification import trail_verify
from audit.services.events import event_record
from audit.services.labels import labels_erase, labels_of_erased
from audit.services.seals import events_seal
from core.announcements import Announcement, announcements
from core.db.context import acting
from core.db.roles import ACTING_ROLES, Role
from core.errors import NotPermitted
from tests.audit.conftest import person
from tests.sql import refused, run

pytestmark = pytest.mark.django_db


@pytest.fixture
def restricted(ann: User, bob: User) -> Event:
    """Ann did something to Bob."""
    with acting(Role.MODERATOR, user_id=ann.pk):
        restriction_place(user_id=bob.pk, kind=RestrictionKind.CHAT, actor=ann, reason="bob_watches spams")
    return Event.objects.get(action="restriction_placed")


@pytest.fixture
def user_erased() -> Announcement:
    """The announcement of erasure: that of accounts, or one of this test where accounts has none yet."""
    return announcements.get(ERASURE) or Announcement(ERASURE, "erased the account of")


def words() -> str:
    """Everything that the trail says in words."""
    rows = Label.objects.values_list("actor_label", "subject_label", "address", "reason")
    return repr([*rows, *Event.objects.values_list("action", "detail")])


def become_erased(user: User) -> None:
    """What erasing an account leaves behind, as far as the trail is concerned."""
    run("SET CONSTRAINTS ALL IMMEDIATE")
    run("ALTER TABLE accounts_user DISABLE TRIGGER USER")
    run(
        "UPDATE accounts_user SET status = 'erased', handle = NULL, closed_at = now(), erased_at = now() WHERE id = %s",
        [user.pk],
    )
    run("ALTER TABLE accounts_user ENABLE TRIGGER USER")


class TestCompliance:
    @pytest.mark.parametrize("about", ["subject", "actor"])
    def test_words_that_name_the_person_are_erased(
        self, about: str, restricted: Event, ann: User, bob: User
    ) -> None:
        gone, other = (bob, ann) if about == "subject" else (ann, bob)
        event_record(action="flag_raised", subject=other, reason="kept")
        officer = person("officer")
        with acting(Role.COMPLIANCE, user_id=officer.pk):
            assert labels_erase(person_id=gone.pk, actor=officer, reason="Request 2026-17") == 1
        assert not Label.objects.filter(pk=restricted.pk).exists()
        assert Event.objects.filter(pk=restricted.pk).exists()
        assert gone.handle not in words()
        assert "kept" in words()

    def test_the_erasure_is_on_record_without_the_name(self, restricted: Event, bob: User) -> None:
        officer = person("officer")
        with acting(Role.COMPLIANCE, user_id=officer.pk):
            labels_erase(person_id=bob.pk, actor=officer, reason="Request 2026-17")
        event = Event.objects.select_related("label").get(action="labels_erased")
        assert (event.actor_id, event.subject_id, event.detail) == (officer.pk, bob.pk, {"labels": 1})
        assert (event.label.actor_label, event.label.reason) == ("officer", "Request 2026-17")
        assert "bob_watches" not in words()

    def test_the_trail_stays_proven(self, restricted: Event, bob: User) -> None:
        assert sum(seal.event_count for seal in events_seal()) == Event.objects.count()
        officer = person("officer")
        with acting(Role.COMPLIANCE, user_id=officer.pk):
            labels_erase(person_id=bob.pk, actor=officer, reason="Request 2026-17")
        assert trail_verify(keys=RingKeys()).findings == []

    @pytest.mark.parametrize("role", [role for role in ACTING_ROLES if role is not Role.COMPLIANCE])
    def test_nobody_else_does(self, role: Role, restricted: Event, ann: User, bob: User) -> None:
        with acting(role, user_id=ann.pk):
            with pytest.raises(NotPermitted):
                labels_erase(person_id=bob.pk, actor=ann, reason="because")
            with refused("are erased by compliance"):
                run("SELECT audit_labels_erase(%s)", [bob.pk])
        assert Label.objects.filter(pk=restricted.pk).exists()

    def test_the_owner_erases_only_words_about_the_person_named(self, restricted: Event, bob: User) -> None:
        run("SELECT set_config('app.erased_person', uuidv7()::text, true)")
        with refused("erased or left as they are"):
            run("DELETE FROM audit_label")
        run("SELECT set_config('app.erased_person', %s, true)", [str(bob.pk)])
        with refused("erased or left as they are"):
            run("UPDATE audit_label SET reason = 'nothing'")
        run("DELETE FROM audit_label WHERE id = %s", [restricted.pk])


class TestErasedAccounts:
    @pytest.mark.parametrize("role", [Role.APP, Role.VIEWER, Role.COMPLIANCE, Role.WORKER])
    def test_words_go_in_the_same_transaction_whoever_erases(
        self, role: Role, restricted: Event, bob: User, user_erased: Announcement
    ) -> None:
        event_record(action="signed_in", subject=bob, actor=bob)
        become_erased(bob)
        with acting(role, user_id=bob.pk if role is Role.VIEWER else None):
            user_erased.send(sender=User, actor=None, subject=bob, reason="Request 2026-17")
        assert "bob_watches" not in words()
        event = Event.objects.select_related("label").get(action=ERASURE)
        assert event.subject_id == bob.pk
        if role is Role.VIEWER:
            assert event.label is None, "nothing that the person wrote is kept"
        else:
            assert (event.label.subject_label, event.label.reason) == (None, "Request 2026-17")

    def test_what_is_written_afterwards_does_not_name_the_person_again(
        self, bob: User, ann: User, user_erased: Announcement
    ) -> None:
        become_erased(bob)
        user_erased.send(sender=User, actor=None, subject=bob)
        event_record(action="session_revoked", subject=bob, actor=ann, reason="account erased")
        event_record(action="flag_resolved", subject=ann, actor=bob, reason="bob_watches was here")
        assert "bob_watches" not in words()
        about, by = (
            Event.objects.select_related("label").get(action=a) for a in ("session_revoked", "flag_resolved")
        )
        assert (about.label.actor_label, about.label.subject_label) == ("ann_moderates", None)
        assert (by.label.actor_label, by.label.subject_label, by.label.reason) == (
            None,
            "ann_moderates",
            None,
        )

    def test_an_erasure_that_is_undone_leaves_the_words(
        self, restricted: Event, bob: User, user_erased: Announcement
    ) -> None:
        class Veto(Exception):
            """Somebody says no after the trail has heard of it."""

        with pytest.raises(Veto), acting(Role.WORKER):
            with acting(Role.OWNER):
                become_erased(bob)
            user_erased.send(sender=User, actor=None, subject=bob)
            raise Veto
        assert Label.objects.get(pk=restricted.pk).subject_label == "bob_watches"

    def test_an_account_that_is_not_erased_keeps_its_words(self, restricted: Event, bob: User) -> None:
        with acting(Role.WORKER), refused("when the account is erased"):
            labels_of_erased(person_id=bob.pk)

    def test_other_announcements_erase_nothing(self, restricted: Event, bob: User) -> None:
        become_erased(bob)
        announcements["user_closed"].send(sender=User, actor=None, subject=bob)
        assert Label.objects.filter(pk=restricted.pk).exists()


def test_the_database_and_python_give_one_digest(restricted: Event) -> None:
    label = Label.objects.get(pk=restricted.pk)
    assert isinstance(label.pk, UUID)
    assert bytes(restricted.label_digest) == label.digest  # type: ignore[arg-type]
    ((digest,),) = run(
        "SELECT audit_label_digest(id, salt, actor_label, subject_label, address, reason) FROM audit_label "
        "WHERE id = %s",
        [label.pk],
    )
    assert bytes(digest) == label.digest
