"""Forms and files write protected columns and never show them; a mask overwrites nothing."""

from datetime import date
from typing import Any

import pytest
from django import forms
from django.contrib.admin import AdminSite, ModelAdmin
from django.core import serializers
from django.core.exceptions import FieldError
from django.http import HttpRequest
from tablib import Dataset

from core.encryption import Encrypted, Sealed
from core.encryption.resources import ProtectedResource
from core.encryption.values import MASK
from tests.core.encryption.conftest import reading, storing
from tests.kernel.models import Correspondent, Passport
from tests.sql import run

pytestmark = pytest.mark.django_db

COLUMNS = ["name", "value", "note", "born_on", "income"]
CorrespondentForm = forms.modelform_factory(Correspondent, fields=COLUMNS)
PassportForm = forms.modelform_factory(Passport, fields=["name", "number", "copy"])


def stored() -> list[tuple[Any, ...]]:
    return run("SELECT value, value_index, note, born_on, income FROM kernel_correspondent")


def plain(column: str) -> Any:
    with reading():
        return Correspondent.objects.values_list(column, flat=True).get()


class TestForms:
    @pytest.mark.parametrize("loaded", ["with keys", "without keys"])
    def test_nothing_stored_is_shown(self, ada: Correspondent, loaded: str) -> None:
        if loaded == "with keys":
            with reading():
                ada.refresh_from_db()
                page = CorrespondentForm(instance=ada).as_p()
        else:
            page = CorrespondentForm(instance=ada).as_p()
            assert "A value is stored and not shown" in page
        assert "example.org" not in page.lower()
        assert "chess" not in page
        assert MASK not in page

    def test_empty_input_keeps_what_is_stored(self, ada: Correspondent) -> None:
        before = stored()
        form = CorrespondentForm({"name": "Augusta", **dict.fromkeys(COLUMNS[1:], "")}, instance=ada)
        assert form.is_valid(), form.errors
        assert form.changed_data == ["name"]
        form.save()
        assert stored() == before
        assert Correspondent.objects.get().name == "Augusta"

    def test_what_is_entered_is_encrypted(self, ada: Correspondent) -> None:
        entered = {"name": "Ada", "value": "ada@new.example", "born_on": "1815-12-10", "income": "12.5"}
        form = CorrespondentForm(entered, instance=ada)
        assert form.is_valid(), form.errors
        assert form.changed_data == ["value", "born_on", "income"]
        with storing():
            form.save()
        assert plain("value") == "ada@new.example"
        assert plain("born_on") == date(1815, 12, 10)
        assert plain("note") == "plays chess"
        assert Correspondent.objects.filter(value_index="ada@new.example").exists()

    @pytest.mark.parametrize("entered", [MASK, f" {MASK} "])
    def test_a_mask_is_refused(self, ada: Correspondent, entered: str) -> None:
        form = CorrespondentForm({"name": "Ada", "note": entered}, instance=ada)
        assert "enter the value itself" in str(form.errors["note"])

    def test_what_does_not_fit_is_refused(self, ada: Correspondent) -> None:
        form = CorrespondentForm({"name": "Ada", "born_on": "long ago", "income": "1.23456"}, instance=ada)
        assert set(form.errors) == {"born_on", "income"}
        assert "long ago" not in form.as_p()

    def test_clearing_where_null_is_allowed(self, ada: Correspondent) -> None:
        page = CorrespondentForm(instance=ada).as_p()
        assert 'name="note-clear"' in page
        form = CorrespondentForm({"name": "Ada", "note-clear": "on"}, instance=ada)
        assert form.is_valid(), form.errors
        form.save()
        assert Correspondent.objects.get().note is None
        assert plain("value") == "Ada@Example.org"

    def test_a_value_that_must_be_there(self) -> None:
        assert "number" in PassportForm({"name": "x"}).errors
        form = PassportForm({"name": "x", "number": "P1"})
        assert form.is_valid(), form.errors
        passport = form.save()
        passport.refresh_from_db()
        assert 'name="number-clear"' not in PassportForm(instance=passport).as_p()
        again = PassportForm({"name": "y", "number-clear": "on"}, instance=passport)
        assert again.is_valid(), again.errors
        seal = passport.number
        again.save()
        assert Passport.objects.get().number == seal
        assert isinstance(seal, Sealed)

    def test_djangos_admin_uses_them(self, ada: Correspondent) -> None:
        admin = ModelAdmin(Correspondent, AdminSite())
        form = admin.get_form(HttpRequest(), ada, fields=COLUMNS)
        page = form(instance=ada).as_p()
        assert "not shown" in page
        assert "example.org" not in page.lower()


class Closed(ProtectedResource):
    class Meta:
        model = Correspondent
        fields = ("id", "name", "value", "value_index", "note")


class Open(Closed):
    accepts = ("value", "note")


def file_of(**columns: str) -> Dataset:
    return Dataset(tuple(columns.values()), headers=list(columns))


class TestFiles:
    @pytest.mark.parametrize("resource", [Closed, Open])
    def test_an_export_has_no_protected_column(
        self, ada: Correspondent, resource: type[ProtectedResource]
    ) -> None:
        with reading():
            written = resource().export()
        assert written.headers == ["id", "name"]
        assert "example.org" not in written.csv.lower()

    @pytest.mark.parametrize("transactions", [True, False])
    def test_an_import_refuses_them(self, ada: Correspondent, transactions: bool) -> None:
        result = Closed().import_data(
            file_of(id=str(ada.pk), name="x", value="eve@example.org"), use_transactions=transactions
        )
        assert "protected columns value" in str(result.base_errors[0].error)
        assert Correspondent.objects.get().name == "Ada"

    def test_where_told_an_import_encrypts(self, ada: Correspondent) -> None:
        result = Open().import_data(
            file_of(id=str(ada.pk), name="Ada", value="eve@example.org", note=MASK), raise_errors=True
        )
        assert "eve@" not in str([row.diff for row in result.rows])
        assert (plain("value"), plain("note")) == ("eve@example.org", "plays chess")
        assert Correspondent.objects.get(value_index="eve@example.org").pk == ada.pk

    @pytest.mark.parametrize("entered", ["", MASK])
    def test_nothing_and_bullets_keep_what_is_stored(self, ada: Correspondent, entered: str) -> None:
        before = stored()
        Open().import_data(
            file_of(id=str(ada.pk), name="Augusta", value=entered, note=entered), raise_errors=True
        )
        assert stored() == before
        assert Correspondent.objects.get().name == "Augusta"

    def test_a_blind_index_is_never_imported(self, ada: Correspondent) -> None:
        result = Open().import_data(file_of(id=str(ada.pk), name="x", value_index="y"))
        assert "protected columns value_index" in str(result.base_errors[0].error)

    @pytest.mark.parametrize("format_name", ["json", "xml", "python"])
    def test_dumpdata_refuses(self, ada: Correspondent, format_name: str) -> None:
        with pytest.raises(FieldError, match="not serialised"):
            serializers.serialize(format_name, Correspondent.objects.all(), fields=["value"])


class TestHistory:
    def test_it_holds_ciphertext(self, ada: Correspondent) -> None:
        with storing():
            ada.note = "plays go"
            ada.save()
        rows = Correspondent.history.order_by("history_id")
        assert all(isinstance(row.note, Encrypted) for row in rows)
        with reading():
            assert [row.note for row in rows.all()] == ["plays chess", "plays go"]
        raw = run("SELECT note, value FROM kernel_historicalcorrespondent")
        assert all(b"plays" not in bytes(note) and b"ample" not in bytes(value) for note, value in raw)

    @pytest.mark.parametrize("keys", [True, False])
    def test_restoring(self, ada: Correspondent, keys: bool) -> None:
        with storing():
            ada.value, ada.note = "ada@new.example", None
            ada.save()
        if keys:
            with reading():
                Correspondent.history.earliest().instance.save(force_update=True)
        else:
            Correspondent.history.earliest().instance.save(force_update=True)
        assert (plain("value"), plain("note")) == ("Ada@Example.org", "plays chess")
        assert Correspondent.objects.filter(value_index="ada@example.org").exists()
        assert not Correspondent.objects.filter(value_index="ada@new.example").exists()
