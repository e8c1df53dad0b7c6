"""The map: whole, told when it is not, and kept by the database as the models say it."""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import pytest
from django.db import models
from django.test.utils import isolate_apps

from accounts.models import User
from audit.models import PersonalDataSource
from audit.personal_data.checks import check_map
from audit.personal_data.declarations import Given, Nobodys, Way
from audit.personal_data.map import DECISIONS, candidates, personal_tables
from audit.services.personal_data_sources import described, personal_data_sources_copy
from billing.models import Payment
from core.db.context import acting
from core.db.holds import HeldBy
from core.db.privacy import personal
from core.db.roles import Role
from core.models.partitioned import Partitioned
from core.models.storage import subject_of
from tests.sql import affected, refused, run


@contextmanager
def with_table(*made: type[models.Model]) -> Iterator[list[type[models.Model]]]:
    """The tables of the project, and these."""
    yield [*candidates(), *made]


def errors(*made: type[models.Model], decisions: Any = None) -> list[tuple[str, str]]:
    with with_table(*made) as every:
        return [(error.id or "", error.msg) for error in check_map(decisions, every)]


def test_every_table_of_the_project_is_decided() -> None:
    assert check_map() == []


@isolate_apps("audit")
def test_a_new_table_with_personal_words_is_told_by_name() -> None:
    class Diary(models.Model):
        words = personal(models.TextField(db_comment="What somebody wrote."))

        class Meta:
            app_label = "audit"

    assert [code for code, _ in errors(Diary)] == ["audit.E001"]
    assert "audit_diary" in errors(Diary)[0][1]
    assert errors(Diary, decisions={**DECISIONS, "audit.Diary": Nobodys("It is a test.")}) == [
        ("audit.E002", "The map of personal data decides about audit.Diary, and there is no such model.")
    ]


@isolate_apps("audit")
def test_a_new_table_in_which_people_only_act_is_told_too() -> None:
    class Stamp(models.Model):
        stamped_by = models.ForeignKey(User, models.PROTECT, related_name="+")

        class Meta:
            app_label = "audit"

    assert [code for code, _ in errors(Stamp)] == ["audit.E001"]


@isolate_apps("audit")
def test_a_new_table_that_says_whose_it_is_needs_nothing_else() -> None:
    class Own(models.Model):
        person = models.ForeignKey(User, models.PROTECT, related_name="+")
        words = personal(models.TextField(db_comment="What somebody wrote."))

        class Meta:
            app_label = "audit"

    class Held(models.Model):
        held_by = HeldBy(person=("about",))
        about = models.ForeignKey(User, models.PROTECT, related_name="+")
        performer = models.ForeignKey(User, models.PROTECT, related_name="+")

        class Meta:
            app_label = "audit"

    class Below(models.Model):
        payment = models.ForeignKey(Payment, models.PROTECT, related_name="+")
        words = personal(models.TextField(db_comment="What was said of it."))

        class Meta:
            app_label = "audit"

    class FurtherBelow(models.Model):
        below = models.ForeignKey(Below, models.PROTECT, related_name="+")

        class Meta:
            app_label = "audit"

    assert errors(Own, Held, FurtherBelow, Below) == []
    tables, _ = personal_tables(models=[*candidates(), Own, Held, FurtherBelow, Below])
    ways = {model: [way.path for way in tables[model].ways] for model in (Own, Held, Below, FurtherBelow)}
    assert ways == {
        Own: ["person"],
        Held: ["about"],
        Below: ["payment__user"],
        FurtherBelow: ["below__payment__user"],
    }


@isolate_apps("audit")
def test_a_new_column_that_sounds_like_a_secret_is_told() -> None:
    class Token(models.Model):
        user = models.ForeignKey(User, models.PROTECT, related_name="+")
        access_token = models.TextField()

        class Meta:
            app_label = "audit"

    assert [code for code, _ in errors(Token)] == ["audit.E004"]


def test_decisions_about_what_is_not_there_are_told() -> None:
    gone = {**DECISIONS, "accounts.Gone": Nobodys("It is gone.")}
    assert [code for code, _ in errors(decisions=gone)] == ["audit.E002"]
    wrong = {**DECISIONS, "accounts.UserContact": Given((Way("user", withheld={"gone": "It is gone."}),))}
    assert [code for code, _ in errors(decisions=wrong)] == ["audit.E003"]
    nowhere = {**DECISIONS, "accounts.UserContact": Given((Way("gone__user"),))}
    assert [code for code, _ in errors(decisions=nowhere)] == ["audit.E003"]


@pytest.mark.django_db
def test_every_table_of_the_schema_has_a_model() -> None:
    """A table that no model names could hold anything: the map would not know of it."""
    known = {model._meta.db_table for model in candidates()}
    tables = {
        name
        for (name,) in run(
            "SELECT c.relname FROM pg_class c WHERE c.relnamespace = 'vbl'::regnamespace "
            "AND c.relkind IN ('r', 'p') AND NOT c.relispartition AND c.relname NOT LIKE 'kernel\\_%%'"
        )
    }
    assert tables - known == {"django_migrations", "procrastinate_jobs_archive"} & tables


@pytest.mark.django_db
def test_the_database_keeps_what_the_models_say() -> None:
    tables, _ = personal_tables()
    stored = set(PersonalDataSource.objects.values_list("source_table", "access_query", "portability_query"))
    said = {(row[0], row[6], row[7]) for row in map(described, tables.values())}
    assert stored == said
    with acting(Role.OWNER):
        assert personal_data_sources_copy() == 0


@pytest.mark.django_db
def test_only_the_owner_writes_the_map() -> None:
    for role in (Role.WORKER, Role.COMPLIANCE, Role.ADMINISTRATOR, Role.APP):
        with acting(role), refused("permission denied"):
            run("UPDATE audit_personaldatasource SET access_query = 'SELECT 1'")
    with acting(Role.VIEWER), refused("permission denied"):
        run("SELECT * FROM audit_personaldatasource")
    with acting(Role.OWNER), refused("audit_personaldatasource_why_check"):
        affected("UPDATE audit_personaldatasource SET access_query = '' WHERE treatment = 'given'")


READ_WHOLE = {
    "audit_label": "found by the events of the person",
}


@pytest.mark.django_db
def test_every_query_runs_and_reads_no_firehose_whole() -> None:
    """With sequential scans forbidden, a plan that still has one has no index that leads to the person."""
    tables, _ = personal_tables()
    whole = set()
    with acting(Role.OWNER):
        run("SET LOCAL enable_seqscan = off")
        for table in tables.values():
            source = described(table)
            for query in filter(None, source[6:]):
                statement = query.replace("{relation}", table.table).replace("$2", "'salt'")
                statement = statement.replace("$1", "'01980000-0000-7000-8000-000000000001'::uuid")
                plan = "\n".join(line for (line,) in run(f"EXPLAIN {statement.replace('%', '%%')}"))
                if "Seq Scan" in plan and subject_of(table.model) is None:
                    whole.add((table.table, issubclass(table.model, Partitioned)))
    assert sorted(whole) == []
