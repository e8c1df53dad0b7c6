"""The kinds of rows, attacked by raw SQL as the owner, whom no grant holds back."""

import datetime as dt

import pytest
from django.db.backends.postgresql.psycopg_any import DateTimeTZRange

from accounts.models import User
from core.db.context import acting
from core.db.roles import Role
from core.errors import IllegalTransition
from core.models.identity import uuid7
from tests.kernel.models import Errand, Label, Measurement, Price, Stage
from tests.sql import affected, refused, run

pytestmark = pytest.mark.django_db

DAY_1 = dt.datetime(2026, 1, 1, tzinfo=dt.UTC)
DAY_5 = dt.datetime(2026, 1, 5, tzinfo=dt.UTC)
DAY_9 = dt.datetime(2026, 1, 9, tzinfo=dt.UTC)


@pytest.fixture
def errand() -> Errand:
    return Errand.objects.create(owner_id=uuid7(), title="post a letter")


def test_the_database_makes_ids_where_django_does_not() -> None:
    (made,) = run("INSERT INTO kernel_measurement (amount) VALUES (1) RETURNING uuid_extract_version(id)")
    assert made == (7,)


def test_a_generated_yes_or_no_is_never_null() -> None:
    columns = run(
        "SELECT a.attrelid::regclass::text, a.attname, a.attnotnull FROM pg_attribute a "
        "JOIN pg_class c ON c.oid = a.attrelid AND c.relnamespace = 'vbl'::regnamespace AND c.relkind IN ('r', 'p') "
        "WHERE a.attgenerated <> '' AND a.atttypid = 'boolean'::regtype"
    )
    assert columns
    assert [column for column in columns if not column[2]] == []


def test_bulk_created_rows_know_their_ids_and_differ() -> None:
    rows = Measurement.objects.bulk_create([Measurement(amount=1), Measurement(amount=2)])
    assert rows[0].pk and rows[0] != rows[1]


class TestEntity:
    def test_times_cannot_be_forged(self, errand: Errand) -> None:
        run(
            "UPDATE kernel_errand SET created_at = '2001-01-01', updated_at = '2001-01-01' WHERE id = %s",
            [errand.pk],
        )
        (row,) = run("SELECT created_at, updated_at FROM kernel_errand")
        assert all(instant.year > 2020 for instant in row)

    def test_insert_cannot_bring_its_own_times(self) -> None:
        run(
            "INSERT INTO kernel_errand (owner_id, title, stage, created_at, version) "
            "VALUES (uuidv7(), 'x', 'open', '2001-01-01', 99)"
        )
        ((created_at, version),) = run("SELECT created_at, version FROM kernel_errand")
        assert created_at.year > 2020
        assert version == 1

    def test_version_counts_every_change_whoever_makes_it(self, errand: Errand) -> None:
        run("UPDATE kernel_errand SET title = 'a', version = 1 WHERE id = %s", [errand.pk])
        Errand.objects.filter(pk=errand.pk).update(title="b")
        errand.refresh_from_db()
        assert errand.version == 3

    def test_immutable_column(self, errand: Errand) -> None:
        with refused("owner_id of kernel_errand cannot be changed"):
            run("UPDATE kernel_errand SET owner_id = uuidv7() WHERE id = %s", [errand.pk])

    def test_unchanged_immutable_column_may_be_named(self, errand: Errand) -> None:
        assert affected("UPDATE kernel_errand SET owner_id = owner_id WHERE id = %s", [errand.pk]) == 1


class TestStateMachine:
    def test_insert_in_a_later_state(self) -> None:
        with refused("kernel_errand cannot begin as done"):
            run("INSERT INTO kernel_errand (owner_id, title, stage) VALUES (uuidv7(), 'x', 'done')")

    def test_move_that_does_not_exist(self, errand: Errand) -> None:
        with refused("kernel_errand cannot move from open to gone"):
            run("UPDATE kernel_errand SET stage = 'gone' WHERE id = %s", [errand.pk])

    def test_unknown_state(self, errand: Errand) -> None:
        with refused("kernel_errand"):
            run("UPDATE kernel_errand SET stage = 'lost' WHERE id = %s", [errand.pk])

    def test_moves_that_exist(self, errand: Errand) -> None:
        for stage in (Stage.DONE, Stage.OPEN, Stage.DONE, Stage.GONE):
            assert affected("UPDATE kernel_errand SET stage = %s WHERE id = %s", [stage, errand.pk]) == 1

    def test_the_service_says_what_is_possible(self) -> None:
        with pytest.raises(
            IllegalTransition, match="This is open and cannot become gone. Possible from here: done"
        ):
            Errand.stages.check(Stage.OPEN, Stage.GONE)

    @pytest.mark.parametrize("setting", ["{kernel_errand_40_move}", "{40_move}", "{kernel_errand_30_keep}"])
    def test_pgtrigger_ignore_lets_nobody_pass(self, errand: Errand, setting: str) -> None:
        run("SELECT set_config('pgtrigger.ignore', %s, true)", [setting])
        with refused("cannot move"):
            run("UPDATE kernel_errand SET stage = 'gone' WHERE id = %s", [errand.pk])

    def test_a_foreign_search_path_does_not_mislead_a_trigger(self, errand: Errand) -> None:
        run(
            "CREATE FUNCTION pg_temp.now() RETURNS timestamptz LANGUAGE sql AS $$ SELECT '2001-01-01'::timestamptz $$"
        )
        run("SELECT set_config('search_path', 'pg_temp, vbl, extensions', true)")
        run("UPDATE vbl.kernel_errand SET title = 'y' WHERE id = %s", [errand.pk])
        ((updated_at,),) = run("SELECT updated_at FROM vbl.kernel_errand")
        assert updated_at.year > 2020


class TestFact:
    def test_update_and_delete_are_refused(self) -> None:
        Measurement.objects.create(amount=1)
        with refused("kernel_measurement is append-only: UPDATE is refused"):
            run("UPDATE kernel_measurement SET amount = 2")
        with refused("kernel_measurement is append-only: DELETE is refused"):
            run("DELETE FROM kernel_measurement")

    def test_the_retention_role_deletes_and_still_cannot_update(self) -> None:
        Measurement.objects.create(amount=1)
        run("GRANT SELECT, UPDATE, DELETE ON kernel_measurement TO vbl_retention")
        with acting(Role.RETENTION):
            with refused("append-only"):
                run("UPDATE kernel_measurement SET amount = 2")
            assert affected("DELETE FROM kernel_measurement") == 1


class TestSoftDeletion:
    def test_a_deleted_name_is_free_again_and_its_row_stays(self) -> None:
        first = Label.objects.create(name="Straße")
        with refused("kernel_label_name_key"):
            run("INSERT INTO kernel_label (name) VALUES ('straße')")
        run("UPDATE kernel_label SET deleted_at = now() WHERE id = %s", [first.pk])
        Label.objects.create(name="STRASSE".replace("SS", "ß"))
        assert Label.objects.count() == 1
        assert Label.all_objects.count() == 2


class TestEffectiveDating:
    def test_periods_of_one_article_do_not_overlap(self) -> None:
        Price.objects.create(article="tea", amount_minor=100, valid=DateTimeTZRange(DAY_1, DAY_9))
        Price.objects.create(article="tea", amount_minor=120, valid=DateTimeTZRange(DAY_9, None))
        Price.objects.create(article="pie", amount_minor=300, valid=DateTimeTZRange(DAY_1, None))
        with refused("kernel_price_valid_excl"):
            Price.objects.create(article="tea", amount_minor=90, valid=DateTimeTZRange(DAY_5, None))

    def test_an_empty_period_would_pass_the_exclusion_and_is_refused(self) -> None:
        with refused("kernel_price_valid_check"):
            run(
                "INSERT INTO kernel_price (article, amount_minor, valid) VALUES ('tea', 1, 'empty'::tstzrange)"
            )

    def test_which_row_holds_when(self) -> None:
        row = Price.objects.create(article="tea", amount_minor=100, valid=DateTimeTZRange(DAY_1, DAY_9))
        assert Price.objects.at(DAY_1).get() == row
        assert not Price.objects.at(DAY_9).exists()
        assert row.is_in_force(DAY_5)
        assert not row.is_in_force(DAY_9)


class TestHistory:
    def test_every_saved_state_is_kept_with_its_author(self, errand: Errand) -> None:
        author = uuid7()
        with acting(Role.OWNER, user_id=author):
            errand.title = "buy bread"
            errand._change_reason = "hungry"
            errand.save(update_fields=["title"])
        latest, first = Errand.history.all()
        assert (first.title, first.history_type, first.history_user_id) == ("post a letter", "+", None)
        assert (latest.title, latest.history_user_id, latest.history_change_reason) == (
            "buy bread",
            author,
            "hungry",
        )

    def test_history_cannot_be_rewritten(self, errand: Errand) -> None:
        with refused("append-only"):
            run("UPDATE kernel_historicalerrand SET title = 'never'")
        with refused("append-only"):
            run("DELETE FROM kernel_historicalerrand")

    def test_history_ids_are_uuid7(self, errand: Errand) -> None:
        assert run("SELECT DISTINCT uuid_extract_version(history_id) FROM kernel_historicalerrand") == [(7,)]


def test_being_seen_is_no_change_that_makes_a_form_stale() -> None:

    run(
        "INSERT INTO accounts_user (handle, locale, time_zone, sign_up_source, signed_up_at, status) "
        "VALUES ('anna', 'en', 'UTC', 'web', now(), 'pending')"
    )
    person = User.objects.with_handle("Anna").get()
    run("UPDATE accounts_user SET last_seen_at = now() WHERE id = %s", [person.pk])
    assert run("SELECT version, updated_at FROM accounts_user") == [(person.version, person.updated_at)]
    run("UPDATE accounts_user SET country = 'PT' WHERE id = %s", [person.pk])
    assert run("SELECT version FROM accounts_user") == [(person.version + 1,)]
