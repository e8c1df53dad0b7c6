"""Somebody with a row in every table that a legal hold keeps, and what else the attacks on holds need."""

from datetime import timedelta

from django.utils import timezone

from accounts.choices import ReservationReason
from accounts.models import ReservedHandle, User
from audit.models import ActionProposal
from audit.moderation_choices import DecisionOutcome, EffectKind
from audit.services.bulk_jobs import bulk_job_preview
from audit.services.events import event_record
from audit.services.rectifications import subject_request_decline
from audit.services.subject_request_runs import subject_request_start
from core.db.context import acting
from core.db.roles import Role
from performers.models import PerformerProfile
from streams.models import Archive, ObjectRemoval, PrivateShow, Stream
from tests.accounts.factories import UserFactory, staff
from tests.accounts.test_erasure import full_life
from tests.audit.factories_decisions import appeal, make_policy, violation
from tests.audit.factories_moderation import make_case
from tests.audit.requests.asking import WHY, by, confirmed, officer
from tests.audit.takedowns import carried_out, valid_answer
from tests.performers.factories_admission import (
    AttributeFactory,
    LanguageFactory,
    ResidenceFactory,
    examined,
)
from tests.performers.factories_schedule import (
    SOON,
    MembershipFactory,
    MetricFactory,
    OccurrenceFactory,
    SeriesFactory,
    TimeOffFactory,
    hours,
)
from tests.sql import run
from tests.streams.factories_archives import key_of, make_archive, make_clip, make_performer
from tests.streams.factories_broadcasting import named, released
from tests.streams.factories_watching import demand, invited, stream, watched
from tests.streams.test_archive_purges import full
from tests.streams.test_recordings import take


def performer_of(user: User) -> PerformerProfile:
    """A performer's profile of somebody, with everything of admission and calendar."""
    performer = make_performer(user)
    PerformerProfile.objects.filter(pk=performer.pk).update(
        headline="held", biography="held", pronouns="held", displayed_location="held"
    )
    examined(performer)
    LanguageFactory(performer=performer)
    ResidenceFactory(performer=performer)
    AttributeFactory(performer=performer)
    MetricFactory(performer=performer)
    OccurrenceFactory(performer=performer)
    SeriesFactory(performer=performer)
    TimeOffFactory(performer=performer, during=hours(SOON + timedelta(days=400)))
    MembershipFactory(performer=performer)
    return performer


def archive_of(performer: PerformerProfile, viewer: User) -> Archive:
    """An archive with something of everything."""
    archive = make_archive(performer)
    full(archive, viewer)
    take(archive.recording, "complete", 5, payload={"room": "held"})
    demand(archive, "followers")
    invited(archive, viewer)
    key = key_of(performer.pk, "gone")
    ObjectRemoval.objects.create(archive=archive, object_key=key)
    return archive


def whole_life() -> tuple[User, Archive]:
    """A closed account that a hold may keep, and the archive of what the person performed."""
    user, viewer = full_life(), UserFactory()
    performer = performer_of(user)
    archive = archive_of(performer, viewer)
    other = make_archive()
    make_clip(other, author=user)
    with acting(Role.VIEWER, user_id=user.pk):
        run(
            "INSERT INTO streams_viewingprogress (id, viewer_id, archive_id, performer_id, seconds) "
            "VALUES (uuidv7(), %s, %s, %s, 3)",
            [user.pk, other.pk, other.performer_id],
        )
    watched(archive.stream, 3)
    run(
        "INSERT INTO analytics_vieweractivityday (id, user_id, day, first_day, watched_seconds, performers) "
        "SELECT analytics_day_id(d.day, %s), %s, d.day, d.day, 60, 1 FROM (SELECT current_date - 1) d (day)",
        [str(user.pk), user.pk],
    )
    run(
        "INSERT INTO analytics_viewerperformerday (id, viewer_id, performer_id, day, watched_seconds, messages, tips, "
        "tip_tokens, last_seen_at) VALUES (uuidv7(), %s, %s, current_date - 1, 60, 1, 0, 0, now() - interval '1 day')",
        [user.pk, other.performer_id],
    )
    PrivateShow.objects.create(performer=performer, viewer=viewer, tokens_per_minute=5)
    released(named(Stream.objects.get(pk=stream(status="scheduled").pk), performer))
    ReservedHandle.objects.create(
        handle="rests_now",
        reason=ReservationReason.QUARANTINE,
        previous_owner=user,
        reserved_until=timezone.now() - timedelta(days=1),
    )
    event_record(action="user_closed", subject=user, reason="words about somebody")
    return user, archive


def moderated(user: User, archive: Archive) -> None:
    """What moderation and copyright keep of somebody: reported, decided about, struck, appealed, asked to answer."""
    moderator = staff(Role.MODERATOR)
    case = make_case(archive, kind="archive")
    decision = violation(case, moderator, EffectKind.ARCHIVE_RESTRICT, wording=make_policy(points=100))
    appeal(decision, user)
    proposal = ActionProposal.objects.get(triggered_by=decision)
    with acting(Role.MODERATOR, user_id=moderator.pk):
        bulk_job_preview(
            title="Old proposals",
            case_ids=[proposal.case_id],
            outcome=DecisionOutcome.NO_VIOLATION,
            reasons="The strikes were for one evening.",
            actor=moderator,
        )
    asked(user)
    performer = PerformerProfile.objects.get(pk=user.pk)
    valid_answer(carried_out(make_archive(performer)))


def asked(user: User) -> None:
    """A subject request of somebody that is being carried out, with a step."""
    coral = officer()
    request = by(coral, subject_request_start, confirmed(user, "rectification"), reason=WHY)
    by(coral, subject_request_decline, request, words="the date of birth", ground="accurate", reason=WHY)
