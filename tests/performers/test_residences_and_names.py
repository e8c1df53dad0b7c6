"""Where performers live and by which names they were known: for few eyes."""

from datetime import timedelta
from typing import Any

import pytest
from django.utils import timezone

from accounts.models import User
from core.db.context import acting
from core.db.roles import ACTING_ROLES, Role
from performers.errors import AliasRefused, OwnAdmission, ResidenceRefused
from performers.models import (
    PerformerAlias,
    PerformerProfile,
    PerformerResidence,
)
from performers.services.aliases import alias_record
from performers.services.residences import residence_change
from tests.accounts.conftest import Announced
from tests.accounts.factories import UserFactory
from tests.performers.factories_admission import (
    PerformerFactory,
    ResidenceFactory,
    verified,
)
from tests.sql import refused, run

pytestmark = pytest.mark.django_db


class TestResidences:
    def move(self, performer: PerformerProfile, country: str, **options: Any) -> PerformerResidence:
        with acting(Role.PERFORMER, user_id=performer.pk):
            return residence_change(
                performer_id=performer.pk, country=country, actor=performer.user, **options
            )

    def test_one_ends_when_the_next_begins(self, announced: Announced) -> None:
        performer = PerformerFactory()
        first = self.move(performer, "de", since=timezone.now() - timedelta(days=400))
        assert self.move(performer, "DE") == first
        second = self.move(performer, "PT")
        first.refresh_from_db()
        assert first.valid.upper == second.valid.lower
        assert PerformerResidence.objects.in_force().get() == second
        assert announced.actions == ["residence_changed"] * 2
        assert announced[-1][1]["detail"] == {}, "the country is not told"

    @pytest.mark.parametrize(
        ("country", "days", "words"),
        [
            ("XX", 0, "no country with the code XX"),
            ("", 0, r"\(empty\)"),
            ("Portugal", 0, "no country"),
            ("PT", -9, "began later"),
            ("PT", 1, "when it has begun"),
        ],
    )
    def test_what_is_refused(self, country: str, days: int, words: str) -> None:
        performer = ResidenceFactory().performer
        with pytest.raises(ResidenceRefused, match=words):
            self.move(performer, country, since=timezone.now() + timedelta(days=days))
        assert PerformerResidence.objects.get().valid.upper is None

    def test_rules_attacked_by_the_owner(self) -> None:
        performer = ResidenceFactory().performer
        with refused("valid_excl"):
            ResidenceFactory(performer=performer, country="PT")
        for statement, words in (
            ("UPDATE performers_performerresidence SET country = 'PT'", "cannot be changed"),
            ("UPDATE performers_performerresidence SET valid = 'empty'", "valid_check|only be ended"),
            ("UPDATE performers_performerresidence SET valid = tstzrange(NULL, NULL)", "only be ended"),
        ):
            with refused(words):
                run(statement)

    def test_compliance_corrects_others(self, compliance: User) -> None:
        performer, own = PerformerFactory(), PerformerFactory(user=compliance)
        with acting(Role.COMPLIANCE, user_id=compliance.pk):
            residence_change(
                performer_id=performer.pk, country="PT", actor=compliance, reason="in the passport"
            )
            with pytest.raises(OwnAdmission):
                residence_change(
                    performer_id=own.pk, country="PT", actor=compliance, reason="in the passport"
                )


class TestNames:
    def test_a_performer_declares_and_an_examiner_adds(self, compliance: User, announced: Announced) -> None:
        performer = PerformerFactory()
        with acting(Role.PERFORMER, user_id=performer.pk):
            declared = alias_record(performer_id=performer.pk, name=" Anna Alt ", actor=performer.user)
            with pytest.raises(AliasRefused, match="on record for that period"):
                alias_record(performer_id=performer.pk, name="Anna Alt", actor=performer.user)
            with refused("row-level security"):
                run(
                    "INSERT INTO performers_performeralias (performer_id, name, source, valid) "
                    "VALUES (%s, 'X', 'examined', '(,)')",
                    [performer.pk],
                )
        with acting(Role.COMPLIANCE, user_id=compliance.pk):
            found = alias_record(
                performer_id=performer.pk,
                name="Anna Beispiel",
                actor=compliance,
                reason="birth name in the passport",
            )
        assert (declared.name, declared.source, found.source) == ("Anna Alt", "declared", "examined")
        assert "Anna" not in str(announced[-1][1]["detail"])
        assert PerformerAlias.objects.named("ANNA ALT").get() == declared

    @pytest.mark.parametrize("name", ["", " ", "x" * 101, "a\x07b", "a\x00b"])
    def test_what_is_refused(self, name: str) -> None:
        performer = PerformerFactory()
        with acting(Role.PERFORMER, user_id=performer.pk), pytest.raises(AliasRefused):
            alias_record(performer_id=performer.pk, name=name, actor=performer.user)
        with (
            acting(Role.PERFORMER, user_id=performer.pk),
            pytest.raises(AliasRefused, match="until a later one"),
        ):
            now = timezone.now()
            alias_record(performer_id=performer.pk, name="Ann", actor=performer.user, since=now, until=now)

    def test_nobody_changes_what_is_on_record(self) -> None:
        PerformerFactory()
        for role in ACTING_ROLES:
            with acting(role, user_id=UserFactory().pk), refused("permission denied"):
                run("UPDATE performers_performeralias SET name = 'x'")
        for statement in (
            "UPDATE performers_performeralias SET name = 'x'",
            "UPDATE performers_performeralias SET valid = tstzrange(now() - interval '9 days', NULL)",
        ):
            with refused("cannot be changed|only be ended"):
                run(statement)


@pytest.mark.parametrize(
    ("table", "staff_readers"),
    [
        (
            "performerresidence",
            {Role.COMPLIANCE, Role.FINANCE, Role.FINANCE_APPROVER, Role.AUDITOR, Role.WORKER},
        ),
        ("performeralias", {Role.COMPLIANCE, Role.AUDITOR}),
    ],
)
def test_who_reads_what_is_not_for_the_public(table: str, staff_readers: set[Role]) -> None:
    mine, other = (ResidenceFactory(performer=verified()).performer for _ in range(2))
    question = f"SELECT performer_id FROM performers_{table} ORDER BY 1"
    for role in ACTING_ROLES:
        with acting(role, user_id=mine.pk):
            if role in staff_readers:
                assert run(question) == sorted([(mine.pk,), (other.pk,)]), role
            elif role is Role.PERFORMER:
                assert run(question) == [(mine.pk,)]
            else:
                with refused("permission denied"):
                    run(question)
    with acting(Role.PERFORMER):
        assert run(question) == []
