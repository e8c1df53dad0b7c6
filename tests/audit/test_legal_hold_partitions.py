"""Partitions that leave: what legal holds cover is copied out and proved first, or they stay."""

from datetime import UTC, datetime
from typing import Any

import pytest
from django.core.management import CommandError, call_command

from accounts.models import LoginEvent, User
from audit.models import Event, HeldRow, Label, SecurityEvent
from audit.services.held_rows import held_rows_copy
from core.db.context import acting
from core.db.partitions.detach import detach_partition
from core.db.partitions.errors import PartitionError
from core.db.partitions.manager import ensure_partitions
from core.db.roles import ACTING_ROLES, Role
from core.models.identity import uuid7_derived
from core.vetoes import Veto, partition_leaving
from streams.models import ViewerCountSample
from tests.accounts.factories import UserFactory
from tests.audit.holds import on_person, place, release
from tests.sql import refused, run
from tests.streams.factories_archives import make_stream

pytestmark = [
    pytest.mark.django_db(transaction=True),
    pytest.mark.direct(
        "DETACH ... CONCURRENTLY refuses a transaction, so that its time-outs are those of the session"
    ),
]

MARCH, APRIL = datetime(2020, 3, 1, tzinfo=UTC), datetime(2020, 4, 1, tzinfo=UTC)
OLD = "p2020_03"


def signed_in(user: User, *words: str) -> LoginEvent:
    """Somebody signed in in March 2020."""
    return LoginEvent.objects.create(
        id=uuid7_derived(MARCH, str(user.pk), *words),
        user=user,
        succeeded=True,
        address="192.0.2.9",
        user_agent="x",
    )


def happened(user: User, about: Any, action: str, reason: str) -> Event:
    """Something that somebody did to something in March 2020, with its words."""
    key = uuid7_derived(MARCH, action, str(user.pk), str(about.pk))
    salt = bytes(16)
    Label.objects.create(id=key, area="people", actor_label="somebody", reason=reason, salt=salt)
    return Event.objects.create(
        id=key,
        area="people",
        action=action,
        actor=user,
        acting_role="vbl_moderator",
        subject_type=about._meta.label_lower,
        subject_id=about.pk,
        label_digest=bytes(32),
    )


def archived(partition: str) -> bool:
    return bool(run("SELECT to_regclass(%s) IS NOT NULL", [f"archive.{partition}"])[0][0])


@pytest.fixture(autouse=True)
def march() -> None:
    for model in (LoginEvent, Event, Label, SecurityEvent, ViewerCountSample):
        ensure_partitions(model, MARCH, APRIL)


def test_what_is_held_is_copied_out_and_the_rest_leaves() -> None:
    held, free = UserFactory(), UserFactory()
    kept = signed_in(held)
    signed_in(free)
    first, second = on_person(held.pk), place("person", held.pk, reference="2")
    detach_partition(LoginEvent, f"accounts_loginevent_{OLD}_01")
    assert archived(f"accounts_loginevent_{OLD}_01")
    copies = list(HeldRow.objects.order_by("hold_id"))
    assert [copy.hold_id for copy in copies] == sorted([first.pk, second.pk])
    for copy in copies:
        assert (copy.source_table, copy.source_id) == ("accounts_loginevent", kept.pk)
        assert copy.content["address"] == "192.0.2.9"
        assert copy.content["user_id"] == str(held.pk)
    ((digest,),) = run(
        "SELECT sha256(convert_to(to_jsonb(t)::text, 'UTF8')) "
        f"FROM archive.accounts_loginevent_{OLD}_01 t WHERE user_id = %s",
        [held.pk],
    )
    assert {bytes(copy.sha256) for copy in copies} == {bytes(digest)}


def test_the_trail_is_held_for_who_acted_and_for_whom_it_is_about_and_labels_follow() -> None:
    held, other = UserFactory(), UserFactory()
    about_held = happened(other, held, "restriction_placed", "about the held")
    by_held = happened(held, other, "restriction_lifted", "by the held")
    happened(other, other, "role_granted", "about nobody who is held")
    stream = make_stream()
    about_stream = happened(other, stream, "stream_ended", "about a held stream")
    on_person(held.pk)
    place("stream", stream.pk)
    # The events of a month may leave before their words.
    call_command("partitions_detach", "--model=audit.Event", "--before=2020-04-01")
    call_command("partitions_detach", "--model=audit.Label", "--before=2020-04-01")
    wanted = {about_held.pk, by_held.pk, about_stream.pk}
    for table in ("audit_event", "audit_label"):
        assert set(HeldRow.objects.filter(source_table=table).values_list("source_id", flat=True)) == wanted
        assert archived(f"{table}_{OLD}")
    reasons = {row.content["reason"] for row in HeldRow.objects.filter(source_table="audit_label")}
    assert reasons == {"about the held", "by the held", "about a held stream"}


def test_a_hold_on_a_person_reaches_the_samples_of_their_streams() -> None:
    stream = make_stream()
    ViewerCountSample.objects.create(
        id=uuid7_derived(MARCH, str(stream.pk)), stream=stream, performer_id=stream.performer_id, viewers=9
    )
    on_person(stream.performer_id)
    place("stream", stream.pk)
    detach_partition(ViewerCountSample, f"streams_viewercountsample_{OLD}")
    assert HeldRow.objects.count() == 2


def test_a_partition_stays_when_the_copies_are_not_the_rows() -> None:
    held = UserFactory()
    kept = signed_in(held)
    hold = on_person(held.pk)
    run(
        "INSERT INTO audit_heldrow (id, hold_id, source_table, source_id, content, sha256, copied_at) "
        "VALUES (uuidv7(), %s, 'accounts_loginevent', %s, '{\"user_id\": \"somebody else\"}', '', now())",
        [hold.pk, kept.pk],
    )
    with pytest.raises(PartitionError, match="stays: Legal holds cover 1 rows and 0 copies"):
        detach_partition(LoginEvent, f"accounts_loginevent_{OLD}_01")
    with pytest.raises(CommandError, match="Legal holds cover"):
        call_command("partitions_detach", "--model=accounts.LoginEvent", "--before=2020-04-01")
    assert not archived(f"accounts_loginevent_{OLD}_01")
    assert LoginEvent.objects.filter(pk=kept.pk).exists()


def test_a_hold_that_came_while_the_partition_was_leaving_is_obeyed() -> None:
    held = UserFactory()
    signed_in(held)
    asked = []

    def place_in_between(sender: Any, **_: Any) -> Veto | None:
        asked.append(sender)
        if len(asked) == 1:
            on_person(held.pk)
        return None

    # After the receiver of holds, which has answered for the first time already.
    partition_leaving.connect(place_in_between, sender=LoginEvent)
    try:
        detach_partition(LoginEvent, f"accounts_loginevent_{OLD}_01")
    finally:
        partition_leaving.disconnect(place_in_between, sender=LoginEvent)
    assert len(asked) == 2
    assert HeldRow.objects.count() == 1


def test_without_a_hold_nothing_is_copied_and_a_veto_of_anybody_counts() -> None:
    signed_in(UserFactory())
    partition_leaving.connect(object_to, sender=LoginEvent)
    try:
        with pytest.raises(PartitionError, match="Not this one"):
            detach_partition(LoginEvent, f"accounts_loginevent_{OLD}_01")
    finally:
        partition_leaving.disconnect(object_to, sender=LoginEvent)
    detach_partition(LoginEvent, f"accounts_loginevent_{OLD}_01")
    assert not HeldRow.objects.exists()


def object_to(sender: Any, **_: Any) -> Veto:
    return Veto("Not this one.")


def test_copies_are_written_by_the_owner_alone_and_go_when_their_hold_has_ended() -> None:
    held = UserFactory()
    signed_in(held)
    hold = on_person(held.pk)
    assert held_rows_copy(LoginEvent, schema="vbl", name=f"accounts_loginevent_{OLD}_01") == (1, 1)
    assert held_rows_copy(LoginEvent, schema="vbl", name=f"accounts_loginevent_{OLD}_01") == (1, 1)
    assert HeldRow.objects.count() == 1
    for role in (Role.APP, Role.RETENTION, *ACTING_ROLES):
        with acting(role, user_id=held.pk):
            with refused("permission denied"):
                run(
                    "INSERT INTO audit_heldrow (id, hold_id, source_table, source_id, content, sha256, copied_at) "
                    "SELECT uuidv7(), %s, 'x', uuidv7(), '{}', '', now()",
                    [hold.pk],
                )
            with refused("permission denied"):
                run(
                    "SELECT legal_hold_copy('x', uuidv7(), '{}', ARRAY['person'], ARRAY[%s::uuid])", [held.pk]
                )
    for statement in ("UPDATE audit_heldrow SET content = '{}'", "DELETE FROM audit_heldrow"):
        with refused("append-only"):
            run(statement)
    with acting(Role.RETENTION), refused("for which this was copied is in force"):
        run("DELETE FROM audit_heldrow")
    release(hold)
    # From then on its own time is what keeps it.
    with acting(Role.RETENTION), refused("The time of this row is not over"):
        run("DELETE FROM audit_heldrow")


def test_compliance_and_auditors_read_copies() -> None:
    held = UserFactory()
    signed_in(held)
    on_person(held.pk)
    held_rows_copy(LoginEvent, schema="vbl", name=f"accounts_loginevent_{OLD}_01")
    for role in ACTING_ROLES:
        with acting(role, user_id=held.pk):
            if role in (Role.COMPLIANCE, Role.AUDITOR):
                assert HeldRow.objects.count() == 1
            else:
                with refused("permission denied"):
                    run("SELECT * FROM audit_heldrow")
