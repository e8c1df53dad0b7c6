"""Whatever is decided, appealed and reversed in whatever order: with everything reversed, all is as it was."""

from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from accounts.models import Restriction, User
from audit.models import Decision, DecisionEffect, Strike
from audit.moderation_choices import EffectKind
from audit.services.appeals import appeal_overturn
from core.db.context import acting
from core.db.roles import Role
from core.errors import Refused
from performers.models import PerformerProfile
from streams.models import Archive, Stream
from tests.accounts.factories import staff
from tests.audit.factories_decisions import (
    make_case,
    make_ladder,
    make_policy,
    reverse,
    taken,
    violation,
    whole,
)
from tests.audit.factories_moderation import make_archive

pytestmark = pytest.mark.django_db

KINDS = st.sets(
    st.sampled_from([kind for kind in EffectKind if kind is not EffectKind.STREAM_END]), min_size=1
)
SUBJECTS = st.sampled_from(["archive", "stream", "person", "profile"])
STEPS = st.lists(
    st.one_of(
        st.tuples(st.just("decide"), SUBJECTS, KINDS),
        st.tuples(st.sampled_from(["reverse", "appeal"]), st.integers(0, 9), st.none()),
    ),
    min_size=1,
    max_size=7,
)


def state(archive: Archive) -> tuple[Any, ...]:
    """What decisions can change of a person and what is hers."""
    person = User.objects.get(pk=archive.performer_id)
    profile = PerformerProfile.objects.get(pk=person.pk)
    stream = Stream.all_objects.get(pk=archive.stream_id)
    bars = Restriction.objects.in_force().filter(user=person).values_list("kind", flat=True)
    return (
        person.status,
        sorted(bars),
        Archive.all_objects.values_list("status", "visibility", "published_at").get(pk=archive.pk),
        (stream.status, stream.visibility, stream.hidden_at),
        (profile.headline, profile.biography),
        Strike.objects.in_force(person.pk).count(),
    )


@settings(
    max_examples=12,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)
@given(steps=STEPS, order=st.randoms(use_true_random=False))
def test_reversing_everything_leads_back(steps: list[tuple[str, Any, Any]], order: Any) -> None:
    make_ladder((1000, "warn", None))
    archive, lead = make_archive(), staff(Role.LEAD_MODERATOR)
    person = User.objects.get(pk=archive.performer_id)
    PerformerProfile.objects.filter(pk=person.pk).update(headline="Come and see", biography="Long.")
    subjects = {
        "archive": archive,
        "stream": archive.stream,
        "person": person,
        "profile": PerformerProfile.objects.get(pk=person.pk),
    }
    wording, start = make_policy(points=1), state(archive)
    for what, which, kinds in steps:
        standing = list(Decision.objects.filter(person=person, outcome="violation").standing().order_by("pk"))
        if what == "decide":
            try:
                case = make_case(subjects[which], which)
                violation(case, lead, *sorted(kinds), role=Role.LEAD_MODERATOR, wording=wording)
            except Refused:
                whole()
        elif standing:
            undo(what, standing[which % len(standing)], lead, person)
    standing = list(Decision.objects.filter(person=person, outcome="violation").standing())
    order.shuffle(standing)
    for decision in standing:
        reverse(decision, lead)
    assert state(archive) == start
    undone = DecisionEffect.objects.filter(decision__outcome="violation", undone_by__isnull=False)
    assert undone.count() == DecisionEffect.objects.filter(decision__outcome="violation").count()


def undo(what: str, decision: Decision, lead: User, person: User) -> None:
    """Reverse a decision outright, or on an appeal that somebody else hears."""
    if what == "reverse":
        reverse(decision, lead)
        return
    reviewer = staff(Role.LEAD_MODERATOR)
    filed = taken(decision, person, reviewer)
    with acting(Role.LEAD_MODERATOR, user_id=reviewer.pk):
        appeal_overturn(appeal_id=filed.pk, actor=reviewer, reasons="It was somebody else.")
    whole()
