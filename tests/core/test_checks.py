"""Each house rule fails `manage.py check` with a message that names the table, the column or the index."""

import re

import pytest
from django.conf import settings
from django.core.checks import Error
from django.db import models
from django.test.utils import isolate_apps

from core.checks import check_model, house_models
from core.db.constraints import one_of
from core.db.indexes import BTree
from core.db.policies import ALL, Policy
from core.db.privacy import Privacy, not_personal, personal, privacy_of
from core.db.roles import Role
from core.models import Identified

COMMENT = "Things, for tests; written by nobody, kept for no time."


def complaints(model: type[models.Model]) -> dict[str, str]:
    return {str(message.id): f"{message.msg} {message.hint}" for message in check_model(model)}


@isolate_apps("tests.kernel")
def test_a_table_without_a_comment() -> None:
    class Thing(Identified):
        class Meta:
            app_label = "kernel"

    assert "kernel_thing has no comment" in complaints(Thing)["core.E001"]


@isolate_apps("tests.kernel")
def test_a_column_without_a_comment() -> None:
    class Thing(Identified):
        size = models.IntegerField()

        class Meta:
            app_label = "kernel"
            db_table_comment = COMMENT

    assert "kernel_thing.size has no comment" in complaints(Thing)["core.E002"]


@pytest.mark.parametrize(
    "name", ["email", "billing_email", "phone", "display_name", "ip", "birth_date", "reason", "user_agent"]
)
def test_a_column_that_sounds_personal_without_a_privacy_class(name: str) -> None:
    with isolate_apps("tests.kernel"):
        Thing = type(
            "Thing",
            (Identified,),
            {
                "__module__": __name__,
                name: models.TextField(db_comment="Something about somebody."),
                "Meta": type("Meta", (), {"app_label": "kernel", "db_table_comment": COMMENT}),
            },
        )
        assert (
            f"kernel_thing.{name} sounds personal and has no privacy class" in complaints(Thing)["core.E003"]
        )


@isolate_apps("tests.kernel")
def test_a_column_that_only_sounds_personal() -> None:
    class Thing(Identified):
        reason = not_personal(models.TextField(db_comment="One of three words."))

        class Meta:
            app_label = "kernel"
            db_table_comment = COMMENT

    assert "core.E003" not in complaints(Thing)


@isolate_apps("tests.kernel")
def test_a_personal_table_without_a_policy() -> None:
    class Thing(Identified):
        nickname = personal(models.TextField(db_comment="What somebody is called."))

        class Meta:
            app_label = "kernel"
            db_table_comment = COMMENT

    assert "kernel_thing holds personal rows and has no policy" in complaints(Thing)["core.E004"]


@isolate_apps("tests.kernel", "accounts")
def test_a_table_that_points_at_a_person_is_personal() -> None:
    class User(models.Model):
        class Meta:
            app_label = "accounts"

    class Thing(Identified):
        user = models.ForeignKey(User, models.PROTECT, related_name="things", db_comment="Whose it is.")

        class Meta:
            app_label = "kernel"
            db_table_comment = COMMENT

    assert "core.E004" in complaints(Thing)


@isolate_apps("tests.kernel")
def test_a_policy_brings_the_owners() -> None:
    class Thing(Identified):
        nickname = personal(models.TextField(db_comment="What somebody is called."))

        class Meta:
            app_label = "kernel"
            db_table_comment = COMMENT
            constraints = [Policy(role=Role.SUPPORT, command="select", using=ALL)]

    assert {"core.E004", "core.E005"}.isdisjoint(complaints(Thing))


@isolate_apps("tests.kernel")
def test_an_index_without_a_name_of_the_house() -> None:
    class Thing(Identified):
        size = models.IntegerField(db_comment="How large; centimetres.")

        class Meta:
            app_label = "kernel"
            db_table_comment = COMMENT
            indexes = [models.Index(fields=["size"], name="by_size")]

    found = complaints(Thing)
    assert "the index by_size has no name of the house" in found["core.E006"]
    assert "the index by_size does not say which query it serves" in found["core.E007"]


@isolate_apps("tests.kernel")
def test_a_constraint_without_a_name_of_the_house() -> None:
    class Thing(Identified):
        size = models.TextField(db_comment="How large; a letter.")

        class Meta:
            app_label = "kernel"
            db_table_comment = COMMENT
            constraints = [one_of("size", ["s", "m"], name="sizes")]

    assert "the constraint sizes has no name of the house" in complaints(Thing)["core.E006"]


@isolate_apps("tests.kernel")
def test_names_are_made_of_table_and_columns() -> None:
    class Thing(Identified):
        size = models.TextField(db_comment="How large; a letter.")

        class Meta:
            app_label = "kernel"
            db_table_comment = COMMENT
            constraints = [one_of("size", ["s", "m"])]
            indexes = [BTree(fields=["size"], serves="tests: things of a size")]

    assert [item.name for item in (*Thing._meta.constraints, *Thing._meta.indexes)] == [
        "kernel_thing_size_check",
        "kernel_thing_size_idx",
    ]


def test_the_privacy_class_stands_in_the_comment_of_the_column() -> None:
    field = personal(models.TextField(db_comment="What somebody is called."))
    assert privacy_of(field) is Privacy.PERSONAL
    assert field.db_comment == "What somebody is called. Privacy: personal."


def test_every_table_of_the_project_obeys() -> None:
    found: list[Error] = [message for model in house_models() for message in check_model(model)]
    assert found == []


def test_no_two_checks_share_an_identifier() -> None:
    """Silencing one would silence the other: an identifier belongs to one module."""
    modules: dict[str, set[str]] = {}
    for path in (settings.BASE_DIR / "platform" / "core").rglob("*.py"):
        for identifier in re.findall(r'"(core\.[EW]\d{3})"', path.read_text()):
            modules.setdefault(identifier, set()).add(path.name)
    assert len(modules) > 15
    assert {identifier: names for identifier, names in modules.items() if len(names) > 1} == {}
