"""What is announced is recorded, in the same transaction, and its words can be erased."""

from collections.abc import Iterator
from typing import Any

import pytest
from django.db import transaction
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra.django import TestCase

from accounts.announcements import restriction_placed
from accounts.choices import RestrictionKind
from accounts.models import Restriction, User
from accounts.services.restrictions import restriction_place
from audit.errors import ActorMismatch
from audit.models import Action, AdministrativeAction, Event, Label
from audit.models.trail import label_digest
from audit.services.actions import actions_copy
from audit.services.events import event_record
from core.announcements import announcements
from core.db.context import acting
from core.db.roles import Role
from core.models.identity import uuid7
from tests.sql import refused, run

pytestmark = pytest.mark.django_db

EVENTS = Event.objects.select_related("label")


@pytest.fixture
def restricted(ann: User, bob: User) -> Restriction:
    with acting(Role.MODERATOR, user_id=ann.pk):
        return restriction_place(
            user_id=bob.pk, kind=RestrictionKind.CHAT, actor=ann, reason="Spam in seven rooms"
        )


class TestAnnouncements:
    def test_a_change_leaves_an_event_with_its_words(
        self, restricted: Restriction, ann: User, bob: User
    ) -> None:
        event = EVENTS.about(bob).get(action="restriction_placed")
        assert (event.actor_id, event.acting_role, event.area) == (ann.pk, Role.MODERATOR, "people")
        assert event.detail == {"kind": "chat"}
        assert (event.label.actor_label, event.label.subject_label) == ("ann_moderates", "bob_watches")
        assert event.label.reason == "Spam in seven rooms"

    def test_the_event_itself_holds_no_words(self, restricted: Restriction) -> None:
        ((row,),) = run("SELECT row_to_json(e)::text FROM audit_event e WHERE action = 'restriction_placed'")
        assert not any(word in row for word in ("ann", "bob", "Spam"))

    def test_what_is_undone_was_never_recorded(self, ann: User, bob: User) -> None:
        with transaction.atomic():
            restriction_place(user_id=bob.pk, kind=RestrictionKind.CHAT, actor=ann, reason="Spam")
            assert Event.objects.about(bob).exists()
            transaction.set_rollback(True)
        assert not Event.objects.about(bob).exists()
        assert not Label.objects.exists()

    def test_a_change_that_cannot_be_recorded_is_undone(self, ann: User, bob: User) -> None:
        run(
            "ALTER TABLE audit_event ADD CONSTRAINT too_full CHECK (action <> 'restriction_placed') NOT VALID"
        )
        with refused("too_full"):
            restriction_place(user_id=bob.pk, kind=RestrictionKind.CHAT, actor=ann, reason="Spam")
        assert not Restriction.objects.exists()

    @pytest.fixture
    def failing_receiver(self) -> Iterator[None]:
        def fail(**_: Any) -> None:
            raise RuntimeError("the receiver fails")

        restriction_placed.connect(fail)
        yield
        restriction_placed.disconnect(fail)

    def test_a_receiver_that_fails_undoes_the_change(
        self, failing_receiver: None, ann: User, bob: User
    ) -> None:
        with pytest.raises(RuntimeError, match="the receiver fails"), transaction.atomic():
            restriction_place(user_id=bob.pk, kind=RestrictionKind.CHAT, actor=ann, reason="Spam")
        assert not Restriction.objects.exists()
        assert not Event.objects.exists()

    def test_nobody_announces_in_the_name_of_another(self, ann: User, bob: User) -> None:
        with acting(Role.MODERATOR, user_id=ann.pk), pytest.raises(ActorMismatch):
            event_record(action="restriction_placed", subject=ann, actor=bob)

    def test_where_nobody_acts_yet_the_named_actor_did_it(self, ann: User, bob: User) -> None:
        event_record(action="restriction_placed", subject=bob, actor=ann)
        event_record(action="restriction_expired", subject=bob)
        assert list(EVENTS.order_by("id").values_list("actor_id", flat=True)) == [ann.pk, None]

    def test_words_too_long_are_cut_and_empty_ones_left_out(self, ann: User) -> None:
        event_record(action="flag_raised", subject=ann, reason=" " * 10)
        event_record(action="flag_raised", subject=ann, reason="x" * 5000)
        blank, long = EVENTS.order_by("id")
        assert blank.label.reason is None
        assert len(long.label.reason) == 2000

    def test_all_events_of_a_transaction_share_its_number(self, restricted: Restriction, ann: User) -> None:
        event_record(action="flag_raised", subject=ann)
        assert {event.xact for event in Event.objects.all()} == {
            int(run("SELECT pg_current_xact_id()")[0][0])
        }
        assert Event.objects.filter(xact__lte=2**63).count() == Event.objects.count()


class TestErasure:
    def test_words_and_event_prove_each_other(self, restricted: Restriction) -> None:
        event = EVENTS.get(action="restriction_placed")
        assert event.label.digest == bytes(event.label_digest)

    def test_changed_words_no_longer_fit(self, restricted: Restriction) -> None:
        run("ALTER TABLE audit_label DISABLE TRIGGER USER")
        run("UPDATE audit_label SET reason = 'Nothing much'")
        event = EVENTS.get(action="restriction_placed")
        assert event.label.digest != bytes(event.label_digest)

    def test_erasing_the_words_leaves_the_event(self, restricted: Restriction) -> None:
        run("GRANT SELECT, DELETE ON audit_label TO vbl_compliance")
        run("CREATE POLICY erasing ON audit_label FOR DELETE TO vbl_compliance USING (area = 'people')")
        with acting(Role.COMPLIANCE):
            run("DELETE FROM audit_label")
        event = EVENTS.get(action="restriction_placed")
        assert event.label is None
        assert event.label_digest is not None


class TestDigest(TestCase):
    """The digest is the same in PostgreSQL and in Python, whatever the words."""

    words = st.none() | st.text(st.characters(blacklist_characters="\x00", blacklist_categories=("Cs",)))

    @given(words, words, st.none() | st.ip_addresses().map(str), words, st.binary(min_size=16, max_size=16))
    @settings(max_examples=60, deadline=None)
    def test_both_sides_agree(
        self, actor: str | None, subject: str | None, address: str | None, reason: str | None, salt: bytes
    ) -> None:
        event_id = uuid7()
        parts = (actor, subject, address, reason)
        ((there,),) = run("SELECT audit_label_digest(%s, %s, %s, %s, %s::inet, %s)", [event_id, salt, *parts])
        assert bytes(there) == label_digest(event_id, salt, *parts)

    def test_no_two_sets_of_words_are_told_alike(self) -> None:
        event_id, salt = uuid7(), b"s" * 16
        digests = {
            label_digest(event_id, salt, *parts)
            for parts in (
                ("ab", "c", None, None),
                ("a", "bc", None, None),
                ("abc", None, None, None),
                ("abc", "", None, None),
                (None, "abc", None, None),
                ("abc", None, None, ""),
            )
        }
        assert len(digests) == 6


class TestWords:
    def test_staff_read_in_words_what_staff_did(self, restricted: Restriction) -> None:
        with acting(Role.MODERATOR):
            row = AdministrativeAction.objects.get()
        assert str(row) == "ann_moderates restricted bob_watches"
        assert (row.acting_role, row.reason) == ("moderator", "Spam in seven rooms")

    def test_what_the_system_did_is_no_administrative_action(self, bob: User) -> None:
        with acting(Role.WORKER):
            event_record(action="restriction_expired", subject=bob)
        assert not AdministrativeAction.objects.exists()

    def test_every_announcement_has_its_words_in_the_database(self) -> None:
        kept = dict(Action.objects.values_list("action", "words"))
        assert kept == {item.action: item.words for item in announcements.values()}

    def test_changed_words_follow_and_old_actions_stay(self) -> None:
        run("UPDATE audit_action SET words = 'did something to' WHERE action = 'restriction_placed'")
        run("INSERT INTO audit_action (id, action, words) VALUES (uuidv7(), 'long_gone', 'did away with')")
        assert actions_copy() == 1
        assert Action.objects.get(action="restriction_placed").words == "restricted"
        assert Action.objects.filter(action="long_gone").exists()
        assert actions_copy() == 0
