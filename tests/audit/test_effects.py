"""Every effect: on which subjects it can be decided, what it does, and how it is undone."""

from datetime import timedelta
from typing import Any

import pytest
from django.utils import timezone

from accounts.models import Restriction, User
from audit.decision_errors import EffectRefused
from audit.effect_kinds import EFFECT_FACTS
from audit.effects import EFFECTS, EffectRequest
from audit.models import DecisionEffect
from audit.moderation_choices import EffectAxis, EffectKind, SubjectKind
from core.db.roles import Role
from core.errors import Refused
from performers.models import PerformerProfile
from streams.models import Archive, Stream
from tests.accounts.factories import UserFactory, staff
from tests.audit.factories_decisions import make_case, make_policy, reverse, violation
from tests.audit.factories_moderation import make_archive
from tests.engagement.chat_data import room_of, said
from tests.engagement.messages_data import accepted, write
from tests.streams.factories_broadcasting import live

pytestmark = pytest.mark.django_db

ON_PEOPLE = {kind for kind, facts in EFFECT_FACTS.items() if facts.target is SubjectKind.PERSON}
ADMITTED = {
    SubjectKind.PERSON: ON_PEOPLE | {EffectKind.PROFILE_CLEAR},
    SubjectKind.PROFILE: ON_PEOPLE | {EffectKind.PROFILE_CLEAR},
    SubjectKind.STREAM: ON_PEOPLE | {EffectKind.STREAM_END, EffectKind.STREAM_HIDE},
    SubjectKind.ARCHIVE: ON_PEOPLE | {EffectKind.ARCHIVE_RESTRICT, EffectKind.ARCHIVE_REMOVE},
    SubjectKind.CHAT_MESSAGE: ON_PEOPLE | {EffectKind.CHAT_MESSAGE_HIDE},
    SubjectKind.CHAT_ROOM: ON_PEOPLE | {EffectKind.CHAT_ROOM_HIDE},
    SubjectKind.DIRECT_MESSAGE: ON_PEOPLE | {EffectKind.DIRECT_MESSAGE_HIDE},
}


@pytest.fixture
def lead() -> User:
    return staff(Role.LEAD_MODERATOR)


def subject_of(kind: SubjectKind) -> Any:
    """A subject on which every effect that it admits has something to do."""
    if kind in (SubjectKind.STREAM, SubjectKind.PERSON, SubjectKind.PROFILE):
        stream, _ = live()
        PerformerProfile.objects.filter(pk=stream.performer_id).update(
            headline="Come and see", biography="Long."
        )
        if kind is SubjectKind.STREAM:
            return stream
        return User.objects.get(pk=stream.performer_id) if kind is SubjectKind.PERSON else stream.performer
    if kind is SubjectKind.CHAT_ROOM:
        return room_of()
    if kind is SubjectKind.CHAT_MESSAGE:
        return said(room_of(), UserFactory())
    if kind is SubjectKind.DIRECT_MESSAGE:
        sender = UserFactory()
        return write(accepted(sender, UserFactory()), sender)
    return make_archive()


def test_every_kind_has_an_effect_and_its_facts() -> None:
    assert list(EFFECT_FACTS) == list(EffectKind)
    assert set(EFFECTS) == set(EffectKind)
    for kind, effect in EFFECTS.items():
        assert effect.kind is kind
        assert (effect.facts.axis is EffectAxis.NONE) == (kind is EffectKind.WARN)
        assert {subject for subject, kinds in ADMITTED.items() if kind in kinds} == effect.admits


@pytest.mark.parametrize("subject_kind", SubjectKind)
def test_effects_by_subjects(lead: User, subject_kind: SubjectKind) -> None:
    """The truth table: what is admitted happens, and is taken back; what is not is refused in words."""
    subject, wording = subject_of(subject_kind), make_policy()
    for kind in EffectKind:
        if kind is EffectKind.STREAM_END:
            continue
        if subject_kind is SubjectKind.DIRECT_MESSAGE:
            # Only one person can report a private message, and does so once.
            subject = subject_of(subject_kind)
        case = make_case(subject, subject_kind.value)
        if kind not in ADMITTED[subject_kind]:
            with pytest.raises(EffectRefused, match="another kind of thing"):
                violation(case, lead, kind, role=Role.LEAD_MODERATOR, wording=wording)
            continue
        decision = violation(case, lead, kind, role=Role.LEAD_MODERATOR, wording=wording)
        effect = decision.effects.get()
        assert (effect.axis, effect.slot, effect.target_kind) == tuple(EFFECT_FACTS[kind])
        reversal = reverse(decision, lead)
        assert reversal.effects.get().result == "done"
        assert reversal.effects.get().undoes == effect


def test_a_stream_is_ended_for_good(lead: User) -> None:
    stream, _ = live()
    case = make_case(stream, "stream")
    decision = violation(case, lead, EffectKind.STREAM_END, EffectKind.STREAM_HIDE, role=Role.LEAD_MODERATOR)
    ended = Stream.all_objects.get(pk=stream.pk)
    assert (ended.status, ended.end_reason, ended.visibility) == ("ended", "staff", "private")
    results = dict(reverse(decision, lead).effects.values_list("kind", "result"))
    assert results == {"stream_end": "final", "stream_hide": "done"}
    assert Stream.all_objects.get(pk=stream.pk).visibility == "public"
    with pytest.raises(Refused):
        violation(make_case(stream, "stream"), lead, EffectKind.STREAM_END, role=Role.LEAD_MODERATOR)


def test_the_words_of_a_profile_go_and_come_back(lead: User) -> None:
    stream, _ = live()
    profile = PerformerProfile.objects.get(pk=stream.performer_id)
    PerformerProfile.objects.filter(pk=profile.pk).update(headline="Mine", biography="Also mine")
    case = make_case(profile, "profile")
    decision = violation(case, lead, EffectKind.PROFILE_CLEAR, role=Role.LEAD_MODERATOR)
    assert decision.effects.get().before == {"headline": "Mine", "biography": "Also mine"}
    cleared = PerformerProfile.objects.get(pk=profile.pk)
    assert (cleared.headline, cleared.biography, cleared.stage_name) == ("", "", profile.stage_name)
    with pytest.raises(EffectRefused, match="no words"):
        violation(make_case(profile, "profile"), lead, EffectKind.PROFILE_CLEAR, role=Role.LEAD_MODERATOR)
    PerformerProfile.objects.filter(pk=profile.pk).update(headline="New words")
    assert reverse(decision, lead).effects.get().result == "done"
    restored = PerformerProfile.objects.get(pk=profile.pk)
    assert (restored.headline, restored.biography) == ("New words", "Also mine")


def test_an_effect_names_another_target_of_the_same_person(lead: User) -> None:
    archive = make_archive()
    person = User.objects.get(pk=archive.performer_id)
    request = EffectRequest(
        kind=EffectKind.ARCHIVE_REMOVE, target_kind=SubjectKind.ARCHIVE, target_id=archive.pk
    )
    violation(make_case(person), lead, request, role=Role.LEAD_MODERATOR)
    assert Archive.all_objects.get(pk=archive.pk).status == "removed"
    foreign = make_archive()
    wrong = EffectRequest(kind=EffectKind.ARCHIVE_REMOVE, target_id=foreign.pk)
    with pytest.raises(Refused, match="another person"):
        violation(make_case(UserFactory()), lead, wrong, role=Role.LEAD_MODERATOR)
    assert Archive.all_objects.get(pk=foreign.pk).status == "approved"
    of_person = EffectRequest(kind=EffectKind.WARN, target_kind=SubjectKind.STREAM)
    with pytest.raises(EffectRefused, match="another kind of thing"):
        violation(make_case(), lead, of_person, role=Role.LEAD_MODERATOR)


def test_what_contradicts(lead: User) -> None:
    archive = make_archive()
    case, wording = make_case(archive, "archive"), make_policy()
    with pytest.raises(EffectRefused, match="Restrict the archive and Remove the archive"):
        violation(
            case, lead, EffectKind.ARCHIVE_RESTRICT, EffectKind.ARCHIVE_REMOVE, role=Role.LEAD_MODERATOR,
            wording=wording,
        )  # fmt: skip
    assert not DecisionEffect.objects.exists()


def test_what_a_moderator_may_and_compliance_may(lead: User) -> None:
    moderator, officer = staff(Role.MODERATOR), staff(Role.COMPLIANCE)
    soon = timezone.now() + timedelta(days=29)
    case = make_case()
    violation(case, moderator, EffectRequest(kind=EffectKind.SUSPEND, ends_at=soon))
    bar = Restriction.objects.get(user=case.person_id, kind="sign_in")
    assert bar.valid.upper == soon
    archive = make_archive()
    with pytest.raises(EffectRefused, match="Your role does not decide this"):
        violation(make_case(archive, "archive"), officer, EffectKind.ARCHIVE_REMOVE, role=Role.COMPLIANCE)
    violation(make_case(), officer, EffectKind.SUSPEND, role=Role.COMPLIANCE)
    with pytest.raises(EffectRefused, match="barred from signing in already"):
        violation(
            make_case(User.objects.get(pk=case.person_id)), lead, EffectKind.SUSPEND, role=Role.LEAD_MODERATOR
        )
