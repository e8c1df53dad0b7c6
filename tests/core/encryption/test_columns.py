"""Encrypted columns hold their value, and only ciphertext, by whatever way Django writes and reads them."""

import copy
import pickle
from datetime import date
from decimal import Decimal
from typing import Any

import pytest
from django.core.exceptions import FieldError, ValidationError
from django.db import IntegrityError, connection, models, transaction
from django.db.models import Case, F, Subquery, Value, When
from django.db.models.functions import Coalesce, Upper
from django.test.utils import isolate_apps

from core.encryption import Encrypted, EncryptedTextField, Purpose, keys_for
from core.encryption.errors import KeysNotInForce, MaskWritten
from core.encryption.values import MASK
from tests.core.encryption.conftest import reading, storing
from tests.kernel.models import Correspondent, Letter
from tests.sql import run

pytestmark = pytest.mark.django_db


def stored(column: str = "value") -> list[bytes | None]:
    """The bytes in the table."""
    return [
        None if value is None else bytes(value)
        for (value,) in run(f"SELECT {column} FROM kernel_correspondent ORDER BY id")
    ]


def plain(column: str = "value") -> list[Any]:
    """What the column holds, decrypted."""
    with reading():
        return list(Correspondent.objects.order_by("id").values_list(column, flat=True))


class TestReading:
    def test_without_keys_it_is_ciphertext_and_bullets(self, ada: Correspondent) -> None:
        assert isinstance(ada.value, Encrypted)
        assert str(ada.value) == f"{ada.value}" == MASK
        assert "Ada" not in repr(ada.value)
        assert ada.value.number == 1

    def test_keys_that_only_store_do_not_read(self, ada: Correspondent) -> None:
        with storing():
            ada.refresh_from_db()
        assert isinstance(ada.value, Encrypted)

    def test_with_keys_it_is_plaintext(self, ada: Correspondent) -> None:
        with reading():
            assert Correspondent.objects.get().value == "Ada@Example.org"

    def test_after_the_block_it_is_ciphertext_again(self, ada: Correspondent) -> None:
        with reading():
            ada.refresh_from_db()
            assert ada.value == "Ada@Example.org"
        ada.refresh_from_db()
        assert isinstance(ada.value, Encrypted)

    @pytest.mark.parametrize("ask", ["values", "values_list", "only", "defer", "annotate", "iterator"])
    def test_every_way_to_ask(self, ada: Correspondent, ask: str) -> None:
        rows = Correspondent.objects.all()
        ways = {
            "values": lambda: rows.values("value")[0]["value"],
            "values_list": lambda: rows.values_list("value", flat=True)[0],
            "only": lambda: rows.only("value")[0].value,
            "defer": lambda: rows.defer("value")[0].value,
            "annotate": lambda: rows.annotate(again=F("value"))[0].again,
            "iterator": lambda: next(rows.iterator()).value,
        }
        assert isinstance(ways[ask](), Encrypted)
        with reading():
            assert ways[ask]() == "Ada@Example.org"

    def test_through_a_relation(self, ada: Correspondent) -> None:
        with storing():
            Letter.objects.create(correspondent=ada, text="Dear Ada")
        letters = Letter.objects.select_related("correspondent")
        assert isinstance(letters.get().correspondent.value, Encrypted)
        with reading():
            letter = letters.get()
            assert (letter.text, letter.correspondent.value) == ("Dear Ada", "Ada@Example.org")
            assert letters.values_list("correspondent__value", "text").get() == (
                "Ada@Example.org",
                "Dear Ada",
            )
            assert Correspondent.objects.prefetch_related("letters").get().letters.all()[0].text == "Dear Ada"

    def test_ciphertext_is_a_value_among_others(self, ada: Correspondent) -> None:
        again = Correspondent.objects.get()
        assert ada.value == again.value
        assert hash(ada.value) == hash(again.value)
        assert ada.value != ada.note
        assert ada.value != bytes(ada.value)
        assert copy.deepcopy(ada.value) == pickle.loads(pickle.dumps(ada.value)) == ada.value


class TestWriting:
    def test_only_ciphertext_is_in_the_table(self, ada: Correspondent) -> None:
        (value,) = stored()
        assert value is not None
        assert value[0] == 1
        assert b"ada" not in value.lower()

    def test_equal_values_have_different_ciphertexts(self) -> None:
        with storing():
            Correspondent.objects.create(name="a", note="same", draft="same")
        assert stored("note") != stored("draft")

    def test_saving_what_was_loaded_without_keys_changes_nothing(self, ada: Correspondent) -> None:
        before = stored()
        ada.name = "Augusta"
        ada.save()
        ada.save(update_fields=["value", "value_index"])
        assert stored() == before
        assert plain() == ["Ada@Example.org"]

    def test_saving_what_was_loaded_with_keys_encrypts_once(self, ada: Correspondent) -> None:
        with reading():
            ada.refresh_from_db()
            ada.save()
        assert plain() == ["Ada@Example.org"]
        assert plain("note") == ["plays chess"]

    def test_without_keys_plaintext_is_not_written(self, ada: Correspondent) -> None:
        before = stored()
        ada.value = "ada@other.example"
        with pytest.raises(KeysNotInForce, match="keys_for"), transaction.atomic():
            ada.save()
        with pytest.raises(KeysNotInForce), transaction.atomic():
            Correspondent.objects.filter(pk=ada.pk).update(note="x")
        with pytest.raises(KeysNotInForce), transaction.atomic():
            Correspondent.objects.create(name="b", note="x")
        assert stored() == before

    def test_save_of_named_fields(self, ada: Correspondent) -> None:
        ada.note, ada.draft = "plays go", "unsaved"
        with storing():
            ada.save(update_fields=["note"])
        assert (plain("note"), plain("draft")) == (["plays go"], [None])

    def test_bulk_create(self) -> None:
        with storing():
            Correspondent.objects.bulk_create(
                Correspondent(name=f"{n}", value=f"{n}@example.org", note=None if n % 2 else f"note {n}")
                for n in range(5)
            )
        assert plain() == [f"{n}@example.org" for n in range(5)]
        assert plain("note") == ["note 0", None, "note 2", None, "note 4"]

    def test_bulk_update(self) -> None:
        with storing():
            Correspondent.objects.bulk_create(
                Correspondent(name=f"{n}", value=f"{n}@example.org", note="old") for n in range(3)
            )
        first, second, third = Correspondent.objects.order_by("id")
        first.note, second.note = "new", None
        first.income, second.income, third.income = Decimal("1.5"), None, Decimal("99999.125")
        first.born_on, second.born_on = date(1815, 12, 10), date(1, 1, 1)
        with storing():
            Correspondent.objects.bulk_update([first, second, third], ["note", "income", "born_on"])
        assert plain("note") == ["new", None, "old"]
        assert plain("income") == [Decimal("1.500"), None, Decimal("99999.125")]
        assert plain("born_on") == [date(1815, 12, 10), date(1, 1, 1), None]

    def test_update(self, ada: Correspondent) -> None:
        with storing():
            Correspondent.objects.update(note="one", born_on=date(1815, 12, 10), income=Decimal("12.34"))
        assert plain("note") == ["one"]
        assert plain("born_on") == [date(1815, 12, 10)]
        assert plain("income") == [Decimal("12.340")]
        Correspondent.objects.update(note=None)
        assert plain("note") == [None]

    def test_update_with_what_was_loaded(self, ada: Correspondent) -> None:
        Correspondent.objects.update(draft=ada.note)
        assert stored("draft") == stored("note")

    @pytest.mark.parametrize("keys", [None, Purpose.STORE, Purpose.DELIVER])
    def test_copying_a_column_copies_its_ciphertext(self, ada: Correspondent, keys: Purpose | None) -> None:
        def copy_it() -> None:
            Correspondent.objects.update(draft=F("note"))

        if keys:
            with keys_for(keys, actor=None, reason="a test"):
                copy_it()
        else:
            copy_it()
        assert stored("draft") == stored("note")
        assert plain("draft") == ["plays chess"]

    def test_history_takes_values_only(self, ada: Correspondent) -> None:
        before = stored("draft")
        ada.draft = F("note")
        with pytest.raises(FieldError, match="takes plain values"), transaction.atomic():
            ada.save(update_fields=["draft"])
        assert stored("draft") == before

    def test_expressions_over_columns_of_the_kind(self, ada: Correspondent) -> None:
        with reading():
            Correspondent.objects.update(draft=Coalesce(F("draft"), F("note")))
            assert plain("draft") == ["plays chess"]
            Correspondent.objects.update(
                draft=Case(
                    When(name="Ada", then=Value("hers", output_field=EncryptedTextField())), default=F("note")
                )
            )
        assert plain("draft") == ["hers"]

    @pytest.mark.parametrize(
        "expression",
        [
            Value("plain"),
            F("name"),
            Upper("name"),
            Upper("note"),
            F("born_on"),
            Coalesce(F("name"), Value("x")),
            Subquery(Correspondent.objects.values("note")[:1]),
            Coalesce(F("note"), Subquery(Correspondent.objects.values("note")[:1])),
        ],
        ids=["value", "column", "upper", "upper_of_kind", "other_kind", "coalesce", "subquery", "nested"],
    )
    def test_expressions_that_would_store_something_else_are_refused(
        self, ada: Correspondent, expression: Any
    ) -> None:
        before = stored("draft")
        with reading(), pytest.raises(FieldError, match="of its own kind"):
            Correspondent.objects.update(draft=expression)
        with reading(), pytest.raises(FieldError):
            Correspondent.objects.create(name="x", draft=expression)
        assert stored("draft") == before

    def test_upsert(self, ada: Correspondent) -> None:
        with storing():
            Correspondent.objects.bulk_create(
                [Correspondent(pk=ada.pk, name="Ada", value="ada@new.example", note="upserted")],
                update_conflicts=True,
                unique_fields=["id"],
                update_fields=["value", "note"],
            )
        assert (plain(), plain("note")) == (["ada@new.example"], ["upserted"])
        assert Correspondent.objects.get(value_index="ada@new.example").pk == ada.pk

    def test_get_or_create_and_update_or_create(self) -> None:
        for _ in range(2):
            with storing():
                row, made = Correspondent.objects.get_or_create(
                    value_index="eve@example.org", defaults={"value": "Eve@example.org", "name": "Eve"}
                )
        assert not made
        with storing():
            Correspondent.objects.update_or_create(pk=row.pk, defaults={"note": "seen"})
        assert (plain(), plain("note")) == (["Eve@example.org"], ["seen"])

    def test_deleting(self, ada: Correspondent) -> None:
        ada.delete()
        assert stored() == []

    def test_a_mask_is_no_value(self, ada: Correspondent) -> None:
        with storing(), pytest.raises(MaskWritten):
            Correspondent.objects.update(note=MASK)

    def test_an_unset_column_of_the_database_refuses_null(self) -> None:
        with storing(), pytest.raises(IntegrityError), transaction.atomic():
            Letter.objects.create(correspondent=Correspondent.objects.create(name="x"), text=None)


class TestValues:
    @pytest.mark.parametrize(
        "text",
        ["", " ", "\n", "a", "ж漢字🦊", "'; DROP TABLE x; --", "%s %(a)s $1 $$", "\\x00ff", "x" * 1_000_000],
        ids=lambda text: ascii(text[:12]),
    )
    def test_text(self, text: str) -> None:
        with storing():
            Correspondent.objects.create(name="a", note=text)
        assert plain("note") == [text]

    @pytest.mark.parametrize("day", [date.min, date(1969, 7, 20), date(2000, 2, 29), date.max])
    def test_dates(self, day: date) -> None:
        with storing():
            Correspondent.objects.create(name="a", born_on=day)
        run("SET LOCAL datestyle = 'SQL, DMY'")
        assert plain("born_on") == [day]

    @pytest.mark.parametrize("amount", ["0", "-0.001", "123456789.987", "-999999999.999", "1E+3", "5"])
    def test_decimals(self, amount: str) -> None:
        with storing():
            Correspondent.objects.create(name="a", income=Decimal(amount))
        ((value,),) = [plain("income")]
        assert value == Decimal(amount)
        assert value.as_tuple().exponent == -3

    @pytest.mark.parametrize("amount", ["1.2345", "1234567890", "NaN"])
    def test_decimals_that_do_not_fit(self, amount: str) -> None:
        with storing(), pytest.raises((ValueError, ValidationError)):
            Correspondent.objects.create(name="a", income=Decimal(amount))

    def test_a_date_as_text(self) -> None:
        with storing():
            Correspondent.objects.create(name="a", born_on="1815-12-10", income="1.5")
        assert plain("born_on") == [date(1815, 12, 10)]


class TestSearching:
    def test_whether_there_is_a_value_needs_no_keys(self, ada: Correspondent) -> None:
        assert Correspondent.objects.filter(note__isnull=False, draft__isnull=True, born_on=None).count() == 1
        with reading():
            assert Correspondent.objects.filter(note__isnull=False, draft__isnull=True).count() == 1

    @pytest.mark.parametrize(
        "lookup", ["value", "value__in", "value__icontains", "value__gt", "value__length"]
    )
    def test_comparing_names_the_blind_index(self, ada: Correspondent, lookup: str) -> None:
        with reading(), pytest.raises(FieldError, match="blind index value_index"):
            Correspondent.objects.filter(**{lookup: "x"}).first()

    @pytest.mark.parametrize(
        "lookup", ["born_on__year", "born_on__lt", "income__gte", "note", "note__iexact"]
    )
    def test_comparing_without_an_index(self, lookup: str) -> None:
        with pytest.raises(FieldError, match="BlindIndexField"):
            Correspondent.objects.filter(**{lookup: "2000-01-01"}).first()

    def test_excluding_and_conditions(self, ada: Correspondent) -> None:
        with pytest.raises(FieldError):
            Correspondent.objects.exclude(note="x").first()
        with pytest.raises(FieldError):
            Correspondent.objects.filter(note=F("draft")).first()


@isolate_apps("tests.kernel")
def test_the_check_names_what_ciphertext_cannot_do() -> None:
    class Untold(models.Model):
        unique = EncryptedTextField(unique=True, db_comment="x")
        ordered = EncryptedTextField(db_comment="x")
        indexed = EncryptedTextField(db_index=True, db_comment="x")
        fine = EncryptedTextField(db_comment="x")

        class Meta:
            app_label = "kernel"
            ordering = ("-ordered",)

    said = {
        field.name: [message.msg for message in field.check() if message.id == "core.E013"]
        for field in Untold._meta.concrete_fields
    }
    for name, words in (("unique", "unique"), ("ordered", "ordered by"), ("indexed", "indexed")):
        assert len(said.pop(name)) == 1, words
    assert not any(said.values())


def test_more_values_than_a_statement_takes() -> None:
    """Values that are bound on the server are counted in 16 bits: 65 535 in one statement."""
    with storing():
        Correspondent.objects.bulk_create(Correspondent(name=f"{n}") for n in range(65_535 // 9 + 1))
    assert Correspondent.objects.count() == 65_535 // 9 + 1


@pytest.mark.parametrize("fields", [1, 3, 40, 70_000])
def test_a_bulk_update_stays_below_too(fields: int) -> None:
    # bulk_update() asks with its fields and two keys; it binds a key and a value for each field, and a key more.
    rows = connection.ops.bulk_batch_size([None] * (fields + 2), [None] * 1_000_000)
    assert rows == 1 or rows * (2 * fields + 1) <= 65_535
