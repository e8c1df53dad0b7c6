"""Moderation of the demo: reports in every queue, and cases at each point of their way."""

from collections.abc import Iterator
from decimal import Decimal
from itertools import cycle
from typing import Any
from uuid import UUID

from django.db import transaction

from accounts.choices import SignUpSource
from accounts.models import User
from audit.effects import EffectRequest
from audit.models import ActionProposal, Appeal, Case, Decision, PolicyVersion, Report
from audit.moderation_choices import (
    DecisionOutcome,
    EffectKind,
    EscalationRoute,
    NoteAudience,
    ReportCategory,
    ReportSource,
    SubjectKind,
)
from audit.services.appeals import appeal_file
from audit.services.case_notes import case_note
from audit.services.cases import case_escalate
from audit.services.claims import case_claim
from audit.services.decisions import case_decide
from audit.services.reports import report_file
from core.db.context import acting
from core.db.roles import Role
from core.demo import DemoStep, register_step
from streams.models import Archive, Stream

SAID: dict[ReportCategory, tuple[str, ...]] = {
    ReportCategory.HARASSMENT: (
        "He insults another streamer for half an hour and calls on his viewers to go over there.",
        "Keeps naming a woman who has asked several times to be left alone.",
    ),
    ReportCategory.HATE: ("Slurs against immigrants from minute 12 on, and nobody stops it.",),
    ReportCategory.SPAM: (
        "The same link to a casino every two minutes.",
        "The description is nothing but advertising for a betting site.",
    ),
    ReportCategory.FRAUD: ("Asks for gift cards to be sent by e-mail, in exchange for a private show.",),
    ReportCategory.IMPERSONATION: (
        "This is not her. She has another account, and her pictures were taken from there.",
    ),
    ReportCategory.INTELLECTUAL_PROPERTY: ("The whole film of last week runs in the background.",),
    ReportCategory.PRIVACY: ("Reads out the address of a former partner.",),
    ReportCategory.VIOLENCE: ("Threatens to come to somebody's house and names the street.",),
    ReportCategory.WRONG_LABEL: ("Listed under chess; it is a casino.",),
    ReportCategory.OTHER: ("Something is wrong here, please have a look.",),
}
ORDINARY = list(SAID)
REPORTERS, PEOPLE, ARCHIVES = 40, 12, 20


class _Cast:
    """Who takes part: people of the follow graph, those who report first; what is reported; the staff of the demo."""

    def __init__(self) -> None:
        imported = User.objects.filter(sign_up_source=SignUpSource.IMPORT).order_by("pk")
        streamers = list(Stream.objects.order_by("performer").values_list("performer", flat=True).distinct())
        others = list(imported.exclude(pk__in=streamers)[: REPORTERS + PEOPLE])
        self.reporters, self.people = others[:REPORTERS], others[REPORTERS:]
        self.archives = [
            archive
            for performer in streamers
            for archive in Archive.objects.filter(performer=performer, purged_at__isnull=True).order_by(
                "-pk"
            )[:2]
        ][:ARCHIVES]
        self.streams = list(Stream.objects.order_by("-pk")[:5])
        self.moderator = User.objects.with_handle(f"demo_{Role.MODERATOR.short}").get()
        self.lead = User.objects.with_handle(f"demo_{Role.LEAD_MODERATOR.short}").get()
        self.turns: Iterator[User] = cycle(self.reporters)

    @property
    def is_whole(self) -> bool:
        """Whether the earlier steps of the demo made enough people and archives."""
        return len(self.reporters) >= 20 and len(self.archives) >= 12 and len(self.people) >= 8


def _report(
    cast: _Cast, kind: SubjectKind, subject_id: UUID, category: ReportCategory, words: str = ""
) -> Report:
    reporter = next(cast.turns)
    said = words or SAID[category][int(reporter.pk.hex[-1], 16) % len(SAID[category])]
    with acting(Role.VIEWER, user_id=reporter.pk):
        return report_file(
            subject_kind=kind,
            subject_id=subject_id,
            category=category,
            source=ReportSource.USER,
            words=said,
            good_faith=True,
            actor=reporter,
        )


def _ordinary(cast: _Cast) -> None:
    """What waits in the general queues: archives, streams, people, some of them reported several times."""
    categories = cycle(ORDINARY)
    for number, archive in enumerate(cast.archives[6:]):
        category = next(categories)
        for _ in range(1 + number % 4):
            _report(cast, SubjectKind.ARCHIVE, archive.pk, category)
    for stream in cast.streams:
        _report(cast, SubjectKind.STREAM, stream.pk, next(categories))
    for person in cast.people[4:]:
        _report(cast, SubjectKind.PERSON, person.pk, next(categories))


def _grave(cast: _Cast) -> None:
    """What only leads see, what an authority and a flagger report, what a machine found, what is escalated."""
    _report(
        cast,
        SubjectKind.ARCHIVE,
        cast.archives[0].pk,
        ReportCategory.MINOR_SAFETY,
        "The girl on the left says that she is in the tenth form.",
    )
    _report(
        cast,
        SubjectKind.ARCHIVE,
        cast.archives[1].pk,
        ReportCategory.NON_CONSENT,
        "I am in the picture from minute 40 on and never agreed to it.",
    )
    organised = (
        (ReportSource.AUTHORITY, "Example Regulator", "ER-2026-0117", cast.archives[2], ReportCategory.HATE),
        (
            ReportSource.TRUSTED_FLAGGER,
            "Example Hotline",
            "EH/4711",
            cast.archives[3],
            ReportCategory.VIOLENCE,
        ),
    )
    with acting(Role.MODERATOR, user_id=cast.moderator.pk):
        for source, organisation, reference, archive, category in organised:
            report_file(
                subject_kind=SubjectKind.ARCHIVE,
                subject_id=archive.pk,
                category=category,
                source=source,
                words="See the enclosed notice; please confirm receipt.",
                organisation=organisation,
                organisation_reference=reference,
                actor=cast.moderator,
            )
    with acting(Role.WORKER):
        report_file(
            subject_kind=SubjectKind.ARCHIVE,
            subject_id=cast.archives[4].pk,
            category=ReportCategory.INTELLECTUAL_PROPERTY,
            source=ReportSource.AUTOMATIC,
            detector="music-match 3.1",
            confidence=Decimal("0.934"),
            actor=None,
        )
    escalated = (
        (
            cast.people[2],
            EscalationRoute.LEAD,
            "He claims to have agreed it with a colleague; I find nothing of it.",
        ),
        (cast.people[3], EscalationRoute.LEGAL, "Is reading out a public register already private data?"),
    )
    for person, route, reason in escalated:
        report = _report(cast, SubjectKind.PERSON, person.pk, ReportCategory.PRIVACY)
        with acting(Role.MODERATOR, user_id=cast.moderator.pk):
            case_escalate(case_id=report.case_id, actor=cast.moderator, route=route, reason=reason)


def _decide(cast: _Cast, case_id: UUID, policy: str, reasons: str, *kinds: EffectKind) -> Decision:
    """A decision of the demo's moderator: on this ground, or none where the policy is empty."""
    wording = PolicyVersion.objects.in_force().filter(policy__code=policy).first() if policy else None
    with acting(Role.MODERATOR, user_id=cast.moderator.pk):
        return case_decide(
            case_id=case_id,
            actor=cast.moderator,
            outcome=DecisionOutcome.VIOLATION if wording else DecisionOutcome.NO_VIOLATION,
            policy_version_id=wording.pk if wording else None,
            reasons=reasons,
            effects=[EffectRequest(kind=kind) for kind in kinds],
        )


def _decided(cast: _Cast) -> None:
    """A person who climbs the ladder, a decision that is appealed by its author, one by a reporter, one at work."""
    climber = cast.people[0]
    for policy, reasons in (
        (
            "deception.spam",
            "Advertising for a betting site was repeated every two minutes on three evenings.",
        ),
        ("harassment", "Another streamer was insulted for half an hour, and viewers were sent to her chat."),
        ("deception.impersonation", "The account used name and pictures of somebody else."),
    ):
        report = _report(cast, SubjectKind.PERSON, climber.pk, ReportCategory.HARASSMENT)
        _decide(cast, report.case_id, policy, reasons, EffectKind.WARN)
    appealed = _report(cast, SubjectKind.ARCHIVE, cast.archives[5].pk, ReportCategory.PRIVACY)
    removal = _decide(
        cast,
        appealed.case_id,
        "harassment.private_data",
        "From minute 31 on the address of a former partner was read out, with the request to go there.",
        EffectKind.ARCHIVE_REMOVE,
    )
    author = User.objects.get(pk=removal.person_id)
    _appeal(
        author, removal, "It was my own old address, which I read from a letter to myself. Please look again."
    )
    unheard = _report(cast, SubjectKind.PERSON, cast.people[1].pk, ReportCategory.HATE)
    refusal = _decide(
        cast, unheard.case_id, "", "The words are a quotation from a film that was being discussed."
    )
    reporter = User.objects.get(pk=unheard.reporter_id)
    _appeal(
        reporter, refusal, "It was no quotation: he says it again an hour later, about a person in the chat."
    )
    at_work = Case.objects.waiting().filter(subject_kind=SubjectKind.STREAM).first()
    if at_work is not None:
        with acting(Role.LEAD_MODERATOR, user_id=cast.lead.pk):
            case_claim(case_id=at_work.pk, actor=cast.lead)
            case_note(
                case_id=at_work.pk,
                actor=cast.lead,
                words="I am watching the recording; the first quarter of an hour shows nothing.",
                audience=NoteAudience.INTERNAL,
            )


def _appeal(person: User, decision: Decision, words: str) -> None:
    with acting(Role.VIEWER, user_id=person.pk):
        appeal_file(decision_id=decision.pk, appellant=person, words=words, actor=person)


def load_cases() -> str:
    """About sixty reports, and what became of some of them."""
    if Report.objects.exists():
        return "there before"
    cast: Any = _Cast()
    if not cast.is_whole:
        return "too few people and archives to report"
    with transaction.atomic():
        for part in (_ordinary, _grave, _decided):
            part(cast)
    return (
        f"{Report.objects.count()} reports, {Case.objects.count()} cases, {Decision.objects.count()} decisions, "
        f"{Appeal.objects.count()} appeals, {ActionProposal.objects.count()} proposals"
    )


register_step(DemoStep(71, "Reports, cases, decisions and appeals", load_cases))
