"""Languages, attributes, residences and other names: what performers say of themselves, and who reads it."""

from datetime import timedelta
from typing import Any

import pytest
from django.core.management import call_command
from django.utils import timezone

from accounts.choices import Channel, ConsentPurpose
from accounts.models import User
from accounts.services.consents import consent_end, consent_withdraw
from core.db.context import acting
from core.db.locking import NotThere
from core.db.roles import ACTING_ROLES, Role
from performers.choices import AttributeKind, LanguageLevel
from performers.errors import AttributeRefused, LanguageRefused
from performers.models import (
    AttributeDefinition,
    PerformerAttribute,
    PerformerLanguage,
    PerformerProfile,
)
from performers.services.attributes import (
    NewAttribute,
    attribute_define,
    attribute_retire,
    performer_attribute_remove,
    performer_attribute_set,
)
from performers.services.languages import languages_set
from tests.accounts.conftest import Announced
from tests.accounts.factories import UserFactory, staff
from tests.performers.factories_admission import (
    AttributeFactory,
    DefinitionFactory,
    LanguageFactory,
    PerformerFactory,
    explicit_consent,
    verified,
)
from tests.sql import affected, refused, run

pytestmark = pytest.mark.django_db


class TestLanguages:
    def say(self, performer: PerformerProfile, **levels: str) -> list[tuple[str, str]]:
        with acting(Role.PERFORMER, user_id=performer.pk):
            rows = languages_set(performer_id=performer.pk, levels=levels, actor=performer.user)
        return [(row.language, row.level) for row in rows]

    def test_a_set_takes_the_place_of_the_former_in_one_spelling(self, announced: Announced) -> None:
        performer = PerformerFactory()
        assert self.say(performer, deu="native", haw="basic") == [("de", "native"), ("haw", "basic")]
        kept = PerformerLanguage.objects.get(language="de").pk
        assert self.say(performer, de="fluent", en="basic") == [("de", "fluent"), ("en", "basic")]
        assert PerformerLanguage.objects.get(language="de").pk == kept
        self.say(performer, ENG="basic", de="fluent")
        assert announced.actions == ["languages_changed"] * 2
        assert self.say(performer) == []

    @pytest.mark.parametrize(
        ("levels", "words"),
        [
            ({"xx": "native"}, "no language with the code xx"),
            ({"english": "native"}, "no language with the code english"),
            ({"und": "native"}, "no language"),
            ({"": "native"}, r"\(empty\)"),
            ({"de": "perfect"}, "no level perfect"),
            ({"de": "native", "ger": "basic"}, "named twice"),
            ({f"{letter}{other}": "basic" for letter in "abc" for other in "abcdefgh"}, "at most 20"),
        ],
    )
    def test_what_is_refused(self, levels: dict[str, str], words: str) -> None:
        performer = LanguageFactory().performer
        with pytest.raises(LanguageRefused, match=words):
            self.say(performer, **levels)
        assert PerformerLanguage.objects.count() == 1


@pytest.mark.parametrize("rows", [LanguageFactory, AttributeFactory])
def test_what_is_shown_follows_the_profile(rows: Any) -> None:
    """By trigger, however the status changes; nobody else's draft is seen."""
    performer, stranger = PerformerFactory(), UserFactory()
    row = rows(performer=performer)
    table = row._meta.db_table
    for status, seen in (("submitted", 0), ("verified", 1), ("paused", 1), ("expired", 0), ("offboarded", 0)):
        PerformerProfile.objects.filter(pk=performer.pk).update(
            status=status,
            submitted_at=timezone.now(),
            verified_at=timezone.now(),
            offboarded_at=timezone.now() if status == "offboarded" else None,
        )
        for role in (Role.VIEWER, Role.PERFORMER):
            with acting(role, user_id=stranger.pk):
                assert len(run(f"SELECT id FROM {table}")) == seen, status
            with acting(role, user_id=performer.pk):
                assert len(run(f"SELECT id FROM {table}")) == 1
    with acting(Role.PERFORMER, user_id=performer.pk), refused("permission denied"):
        run(f"UPDATE {table} SET performer_is_public = true")
    late = rows(performer=verified())
    assert run(f"SELECT performer_is_public FROM {table} WHERE id = %s", [late.pk]) == [(True,)]


def put(performer: PerformerProfile, code: str, value: Any, **options: Any) -> PerformerAttribute:
    with acting(Role.PERFORMER, user_id=performer.pk):
        return performer_attribute_set(
            performer_id=performer.pk, code=code, value=value, actor=performer.user, **options
        )


class TestAttributes:
    @pytest.fixture
    def height(self, db: None) -> AttributeDefinition:
        return DefinitionFactory(code="height", label="Height", kind="number", unit="cm")

    def test_a_value_is_of_the_defined_kind(self, height: AttributeDefinition, announced: Announced) -> None:
        DefinitionFactory(code="sign", label="Sign", kind="choice", choices=["aries", "virgo"])
        DefinitionFactory(code="smokes", kind="yes_no")
        DefinitionFactory(code="motto")
        performer = PerformerFactory()
        for code, value in (("height", 171), ("sign", "virgo"), ("smokes", False), ("motto", "Slowly")):
            assert put(performer, code, value).value == value
        assert put(performer, "height", 172, visibility="public").value == 172
        assert PerformerAttribute.objects.count() == 4
        assert announced[-1][1]["detail"] == {"attribute": "height"}, "the value is not told"
        with acting(Role.PERFORMER, user_id=performer.pk):
            performer_attribute_remove(performer_id=performer.pk, code="motto", actor=performer.user)
        assert PerformerAttribute.objects.count() == 3

    @pytest.mark.parametrize(
        ("code", "value", "words"),
        [
            ("height", "tall", "takes a whole number"),
            ("height", True, "takes a whole number"),
            ("height", 1.71, "takes a whole number"),
            ("height", 10**12, "thousand million"),
            ("height", 10**30, "thousand million"),
            ("sign", "dragon", "is one of: aries, virgo"),
            ("sign", 3, "takes one of the choices"),
            ("motto", "", "1 to 200|blank"),
            ("motto", "a\u202eb", "direction marks"),
            ("weight", 3, "no attribute weight"),
            ("gone", "x", "not in use"),
        ],
    )
    def test_what_is_refused(self, height: AttributeDefinition, code: str, value: Any, words: str) -> None:
        DefinitionFactory(code="sign", label="Sign", kind="choice", choices=["aries", "virgo"])
        DefinitionFactory(code="motto")
        gone = DefinitionFactory(code="gone")
        AttributeDefinition.objects.filter(pk=gone.pk).update(retired_at=timezone.now())
        with pytest.raises(AttributeRefused, match=words):
            put(PerformerFactory(), code, value)
        assert not PerformerAttribute.objects.exists()

    @pytest.mark.parametrize(
        ("columns", "values", "words"),
        [
            ("words", "'tall'", "value_check"),
            ("number, words", "171, 'tall'", "value_check"),
            ("number, kind, words", "NULL, 'text', 'tall'", "value_check"),
            ("number, special_category, words", "NULL, false, 'yes'", "value_check"),
        ],
    )
    def test_raw_sql_cannot_write_another_kind(
        self, height: AttributeDefinition, columns: str, values: str, words: str
    ) -> None:
        performer = PerformerFactory()
        insert = (
            f"INSERT INTO performers_performerattribute (performer_id, definition_id, visibility, {columns}) "
        )
        with acting(Role.PERFORMER, user_id=performer.pk), refused(words):
            run(f"{insert} VALUES (%s, %s, 'public', {values})", [performer.pk, height.pk])
        smokes = DefinitionFactory(kind="yes_no")
        for said, numbers in (("maybe", "NULL"), ("yes", "1")):
            with acting(Role.PERFORMER, user_id=performer.pk), refused("value_check"):
                run(
                    "INSERT INTO performers_performerattribute (performer_id, definition_id, "
                    f"visibility, words, number) VALUES (%s, %s, 'public', '{said}', {numbers})",
                    [performer.pk, smokes.pk],
                )
        other, stranger = DefinitionFactory(kind="choice", choices=["a", "b"]), PerformerFactory()
        with acting(Role.PERFORMER, user_id=performer.pk):
            with refused("none of the choices"):
                run(
                    "INSERT INTO performers_performerattribute (performer_id, definition_id, visibility, words) "
                    "VALUES (%s, %s, 'public', 'c')",
                    [performer.pk, other.pk],
                )
            with refused("row-level security"):
                run(
                    "INSERT INTO performers_performerattribute (performer_id, definition_id, visibility, words) "
                    "VALUES (%s, %s, 'public', 'a')",
                    [stranger.pk, other.pk],
                )

    def test_definitions_keep_what_values_rest_on(self, compliance: User, announced: Announced) -> None:
        new = NewAttribute(code="sign", label="Sign", kind=AttributeKind.CHOICE, choices=["a", "b"])
        with acting(Role.COMPLIANCE, user_id=compliance.pk):
            made = attribute_define(new=new, actor=compliance, reason="asked for often")
            with pytest.raises(AttributeRefused, match="with this code"):
                attribute_define(new=new, actor=compliance)
            for wrong in (
                NewAttribute(code="Sign!", label="Sign", kind=AttributeKind.TEXT),
                NewAttribute(code="sign2", label=" ", kind=AttributeKind.TEXT),
                NewAttribute(code="sign2", label="Sign", kind=AttributeKind.TEXT, unit="cm"),
                NewAttribute(code="sign2", label="Sign", kind=AttributeKind.CHOICE, choices=["a"]),
                NewAttribute(code="sign2", label="Sign", kind=AttributeKind.CHOICE, choices=["a", "a"]),
                NewAttribute(code="sign2", label="Sign", kind=AttributeKind.TEXT, choices=["a", "b"]),
            ):
                with pytest.raises(AttributeRefused):
                    attribute_define(new=wrong, actor=compliance)
            with refused("added and not taken away"):
                run("UPDATE performers_attributedefinition SET choices = '{a,c}'")
            assert affected("UPDATE performers_attributedefinition SET choices = '{a,b,c}'") == 1
            with refused("permission denied"):
                run("UPDATE performers_attributedefinition SET special_category = true")
            attribute_retire(definition_id=made.pk, actor=compliance, reason="nobody used it")
            with pytest.raises(NotThere):
                attribute_retire(definition_id=made.pk, actor=compliance, reason="nobody used it")
        with refused("cannot be changed"):
            run("UPDATE performers_attributedefinition SET kind = 'text'")
        assert announced.actions == ["attribute_defined", "attribute_retired"]
        assert AttributeDefinition.history.count() == 2


class TestSpecialCategories:
    """GDPR art. 9: explicit consent in force, or nothing."""

    @pytest.fixture
    def performer(self, db: None) -> PerformerProfile:
        DefinitionFactory(code="faith", label="Faith", special_category=True)
        return verified()

    def test_without_consent_nothing_is_written(self, performer: PerformerProfile) -> None:
        with pytest.raises(AttributeRefused, match="Consent to it explicitly first"):
            put(performer, "faith", "quaker")
        definition = AttributeDefinition.objects.get()
        for role in (Role.PERFORMER, Role.OWNER):
            with acting(role, user_id=performer.pk), refused("explicit consent"):
                run(
                    "INSERT INTO performers_performerattribute (performer_id, definition_id, visibility, words, "
                    "special_category) VALUES (%s, %s, 'public', 'quaker', false)",
                    [performer.pk, definition.pk],
                )

    @pytest.mark.parametrize("role", [Role.VIEWER, Role.PERFORMER, Role.COMPLIANCE])
    def test_with_the_consent_goes_the_value(
        self, performer: PerformerProfile, compliance: User, role: Role, announced: Announced
    ) -> None:
        consent = explicit_consent(performer)
        put(performer, "faith", "quaker", visibility="public")
        AttributeFactory(performer=performer)
        actor = compliance if role is Role.COMPLIANCE else performer.user
        with acting(role, user_id=actor.pk):
            if role is Role.COMPLIANCE:
                consent_end(consent_id=consent.pk, actor=actor, reason="asked for it on the telephone")
            else:
                consent_withdraw(
                    user_id=performer.pk,
                    purpose=ConsentPurpose.SPECIAL_CATEGORY,
                    channel=Channel.WEB,
                    actor=actor,
                )
        assert [row.special_category for row in PerformerAttribute.objects.all()] == [False]
        assert announced.only("attribute_removed")["detail"] == {"special_category": 1}
        with refused("explicit consent"):
            put_back = AttributeDefinition.objects.get(code="faith")
            AttributeFactory(performer=performer, definition=put_back)

    def test_a_consent_that_runs_out_by_itself(
        self, performer: PerformerProfile, capsys: pytest.CaptureFixture[str]
    ) -> None:
        consent = explicit_consent(performer)
        put(performer, "faith", "quaker")
        consent.end(timezone.now() - timedelta(seconds=1))
        consent.save(update_fields=["valid"])
        with acting(Role.PERFORMER, user_id=performer.pk), refused("explicit consent"):
            run("UPDATE performers_performerattribute SET words = 'other'")
        call_command("performer_attributes_forget", "--dry-run")
        call_command("performer_attributes_forget")
        assert capsys.readouterr().out.split("\n")[:2] == ["1 would be deleted", "1 deleted"]
        assert not PerformerAttribute.objects.exists()

    def test_private_ones_are_not_for_every_member_of_staff(self, performer: PerformerProfile) -> None:
        explicit_consent(performer)
        put(performer, "faith", "quaker")
        stranger = UserFactory()
        for role in ACTING_ROLES:
            with acting(role, user_id=stranger.pk):
                if role in (Role.COMPLIANCE, Role.AUDITOR, Role.WORKER):
                    assert len(run("SELECT id FROM performers_performerattribute")) == 1
                elif role in (Role.VIEWER, Role.PERFORMER, Role.SUPPORT, Role.MODERATOR, Role.LEAD_MODERATOR):
                    assert run("SELECT id FROM performers_performerattribute") == [], role
                else:
                    with refused("permission denied"):
                        run("SELECT id FROM performers_performerattribute")


def test_levels_are_checked_by_the_database() -> None:
    LanguageFactory(level=LanguageLevel.BASIC)
    for statement, words in (
        ("UPDATE performers_performerlanguage SET level = 'perfect'", "level_check"),
        ("UPDATE performers_performerlanguage SET language = 'DE'", "format_check|cannot be changed"),
        (
            "INSERT INTO performers_performerlanguage (performer_id, language, level) "
            "SELECT performer_id, language, level FROM performers_performerlanguage",
            "performer_language_key",
        ),
    ):
        with refused(words):
            run(statement)
    assert staff(Role.MODERATOR)
