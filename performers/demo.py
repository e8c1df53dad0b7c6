"""Performers of the demo: partners of the follow graph, examined ones, applications that wait, schedules, studios."""

import datetime as dt
import hashlib
from decimal import Decimal
from pathlib import Path
from uuid import UUID

import accounts.demo
from accounts.models import User
from core.datasets.importing import dataset_import
from core.datasets.registry import dataset
from core.db.context import acting
from core.db.roles import Role
from core.demo import DemoStep, register_step
from performers.choices import IdentityDocumentKind, PerformerStatus
from performers.models import IdentityRecord, PerformerProfile, ScheduleSeries, Studio
from performers.services.admission import application_submit
from performers.services.examinations import SubmittedDocument, examination_accept, identity_declare
from performers.services.series import SeriesPlan, series_publish
from performers.services.studios import studio_join, studio_register

DATA: Path = accounts.demo.DATA
EXAMINED = 60
WAITING = 30
PLANNING = 25
STUDIOS = (
    ("North Pier", "North Pier Talent Ltd", "GB", "09876543"),
    ("Maré Alta", "Maré Alta Produções Lda", "PT", "514123456"),
)


def load_performers() -> str:
    """Everybody of the follow graph as performers, partners verified, as the worker."""
    with acting(Role.WORKER):
        report = dataset_import(dataset=dataset("performers"), path=DATA, all_or_nothing=True)
    return f"{report.new:,} new, {report.unchanged:,} there before"


def _declare(profile: PerformerProfile, number: int) -> None:
    """An invented identity; a tenth of the documents run out within the month."""
    today = dt.datetime.now(dt.UTC).date()
    days = 5 + number % 20 if number % 10 == 0 else 200 + 37 * number % 2000
    identity_declare(
        performer_id=profile.pk,
        legal_name=f"Invented Person {number}",
        birth_date=dt.date(1975 + number % 25, 1 + number % 12, 1 + number % 28),
        documents=[
            SubmittedDocument(
                kind=IdentityDocumentKind.PASSPORT,
                storage_reference=f"identity/{profile.pk}/passport",
                sha256=hashlib.sha256(str(profile.pk).encode()).digest(),
                issuing_country="GB" if number % 2 else "BR",
                expires_on=today + dt.timedelta(days=days),
            )
        ],
        actor=profile.user,
    )


def _declared_first(status: PerformerStatus, count: int) -> list[PerformerProfile]:
    found = PerformerProfile.objects.filter(status=status, identity_records__isnull=True)
    return list(found.select_related("user").order_by("pk")[:count])


def load_identities() -> str:
    """Verified performers declare who they are and are examined; applicants wait for it."""
    if IdentityRecord.objects.exists():
        return "there before"
    examiner = _staff(Role.COMPLIANCE)
    examined = _declared_first(PerformerStatus.VERIFIED, EXAMINED)
    for number, profile in enumerate(examined):
        with acting(Role.PERFORMER, user_id=profile.pk):
            _declare(profile, number)
        with acting(Role.COMPLIANCE, user_id=examiner.pk):
            examination_accept(
                performer_id=profile.pk,
                adult_at_examination=True,
                actor=examiner,
                reason="passport examined, picture and person agree",
            )
    waiting = _declared_first(PerformerStatus.DRAFT, WAITING)
    for number, profile in enumerate(waiting, EXAMINED):
        with acting(Role.PERFORMER, user_id=profile.pk):
            _declare(profile, number)
            application_submit(performer_id=profile.pk, actor=profile.user)
    return f"{len(examined)} examined, {len(waiting)} applications wait"


def load_schedules() -> str:
    """Weekly broadcasts on the clocks of London and of São Paulo."""
    if ScheduleSeries.objects.exists():
        return "there before"
    today = dt.datetime.now(dt.UTC).date()
    planning = admitted(PLANNING)
    for number, profile in enumerate(planning):
        with acting(Role.PERFORMER, user_id=profile.pk):
            series_publish(
                performer_id=profile.pk,
                plan=SeriesPlan(
                    title=("Evening stream", "Weekend special", "Morning coffee")[number % 3],
                    rule="FREQ=WEEKLY;BYDAY="
                    + ("TU,TH", "SA", "MO,WE,FR")[number % 3]
                    + f";UNTIL={today + dt.timedelta(days=300):%Y%m%d}",
                    time_zone=profile.user.time_zone,
                    first_day=today + dt.timedelta(days=1),
                    local_time=dt.time((19, 14, 8)[number % 3]),
                    duration_minutes=(180, 240, 120)[number % 3],
                ),
                actor=profile.user,
            )
    return f"{len(planning)} series"


def load_studios() -> str:
    """Two agencies, and performers who belong to them."""
    if Studio.objects.exists():
        return "there before"
    finance = _staff(Role.FINANCE)
    members = admitted(12)
    with acting(Role.FINANCE, user_id=finance.pk):
        for place, (name, legal_name, country, registration) in enumerate(STUDIOS):
            studio = studio_register(
                name=name,
                legal_name=legal_name,
                country=country,
                registration_number=registration,
                actor=finance,
            )
            for profile in members[place::2]:
                studio_join(
                    studio_id=studio.pk,
                    performer_id=profile.pk,
                    studio_share=Decimal("0.2"),
                    actor=finance,
                    reason="agreement of the season",
                )
    return f"{len(STUDIOS)} studios, {len(members)} performers"


def admitted(count: int) -> list[PerformerProfile]:
    """Verified performers of the demo whom nothing keeps from going live, always the same ones first."""
    examined: set[UUID] = set(IdentityRecord.objects.current().values_list("performer_id", flat=True))
    found = PerformerProfile.objects.filter(pk__in=examined, status=PerformerStatus.VERIFIED)
    return list(found.select_related("user").order_by("pk")[:count])


def _staff(role: Role) -> User:
    return User.objects.with_handle(f"demo_{role.short}").get()


register_step(DemoStep(20, "Performers of the follow graph, partners first", load_performers))
register_step(DemoStep(21, "Identities examined and applications that wait", load_identities))
register_step(DemoStep(22, "Schedules", load_schedules))
register_step(DemoStep(23, "Studios", load_studios))
