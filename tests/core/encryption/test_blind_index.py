"""A blind index finds equal values without decrypting, and cannot fall out of step."""

import hashlib
import hmac

import pytest
from django.core.exceptions import FieldError
from django.db import IntegrityError, transaction
from django.db.models import F, Value

from core.encryption.errors import ForeignBlindIndex, KeysNotInForce
from core.encryption.ring import KeyKind, ring
from tests.core.encryption.conftest import reading, storing
from tests.kernel.models import Correspondent
from tests.sql import refused, run

pytestmark = pytest.mark.django_db

NEW = "ada@new.example"


def found(value: str) -> bool:
    return Correspondent.objects.filter(value_index=value).exists()


def in_step() -> bool:
    """Whether each row is found by what it holds."""
    with reading():
        rows = list(Correspondent.objects.values_list("pk", "value"))
    return all(
        list(Correspondent.objects.filter(value_index=value).values_list("pk", flat=True)) == [pk]
        for pk, value in rows
        if value is not None
    )


class TestMaking:
    def test_it_is_the_number_and_an_hmac_over_context_and_value(self, ada: Correspondent) -> None:
        secret = ring().secret(KeyKind.BLIND_INDEX, 1)
        message = b"kernel_correspondent.value\0ada@example.org"
        assert bytes(ada.value_index) == b"\1" + hmac.new(secret, message, hashlib.sha256).digest()

    def test_another_length_is_refused(self, ada: Correspondent) -> None:
        with refused("value_index_length_check"):
            run("UPDATE kernel_correspondent SET value = '\\x01aa', value_index = '\\x01'")

    def test_an_index_without_value_or_the_reverse_is_refused(self, ada: Correspondent) -> None:
        with refused("kernel_correspondent_value_index_check"):
            run("UPDATE kernel_correspondent SET value = NULL, value_index = value_index")
        with refused("kernel_correspondent_value_index_check"):
            run("INSERT INTO kernel_correspondent (name, value) VALUES ('x', '\\x01aa')")

    def test_equal_values_are_unique(self, ada: Correspondent) -> None:
        with storing(), pytest.raises(IntegrityError, match="value_index"), transaction.atomic():
            Correspondent.objects.create(name="again", value=" ADA@example.ORG ")


class TestSearching:
    @pytest.mark.parametrize("value", ["Ada@Example.org", " ada@example.ORG"])
    def test_equal_values_are_found_without_keys_in_force(self, ada: Correspondent, value: str) -> None:
        assert Correspondent.objects.get(value_index=value) == ada
        assert Correspondent.objects.filter(value_index__in=[value, "other"]).get() == ada
        assert not Correspondent.objects.exclude(value_index=value).exists()

    def test_others_are_not(self, ada: Correspondent) -> None:
        assert not found("ada@example.com")
        assert not Correspondent.objects.filter(value_index__in=[]).exists()
        assert Correspondent.objects.filter(value_index__isnull=False).get() == ada

    def test_a_finished_digest_finds_its_row(self, ada: Correspondent) -> None:
        assert Correspondent.objects.get(value_index=ada.value_index) == ada
        assert Correspondent.objects.get(value_index=F("value_index")) == ada

    def test_an_index_of_another_key_is_named(self, ada: Correspondent) -> None:
        with pytest.raises(ForeignBlindIndex, match="made with key 9, and this process holds 1"):
            Correspondent.objects.filter(value_index=b"\x09" + bytes(32)).exists()

    def test_it_knows_equality_only(self) -> None:
        with pytest.raises(FieldError, match="equal values"):
            Correspondent.objects.filter(value_index__startswith="a").exists()

    def test_it_uses_its_index(self, ada: Correspondent) -> None:
        run("SET LOCAL enable_seqscan = off")
        plan = Correspondent.objects.filter(value_index="x").explain()
        assert "Index Scan using kernel_correspondent_value_index_key" in plan


class TestKeepingInStep:
    def test_save(self, ada: Correspondent) -> None:
        ada.value = NEW
        with storing():
            ada.save()
        assert found(NEW)
        assert in_step()

    def test_the_same_value_again(self, ada: Correspondent) -> None:
        ada.value = "Ada@Example.org"
        with storing():
            ada.save()
            Correspondent.objects.update(value="Ada@Example.org")
        assert in_step()

    def test_saving_without_keys(self, ada: Correspondent) -> None:
        ada.name = "x"
        ada.save()
        Correspondent.objects.only("name").get().save()
        Correspondent.objects.defer("value").get().save()
        assert in_step()

    def test_setting_and_clearing(self, ada: Correspondent) -> None:
        ada.value = None
        ada.save()
        assert Correspondent.objects.get().value_index is None
        ada.value = NEW
        with storing():
            ada.save()
        assert in_step()
        Correspondent.objects.update(value=None)
        assert Correspondent.objects.get().value_index is None

    def test_update(self, ada: Correspondent) -> None:
        with storing():
            Correspondent.objects.filter(pk=ada.pk).update(value=NEW)
        assert found(NEW)
        assert in_step()

    def test_bulk_update(self, ada: Correspondent) -> None:
        ada.value = NEW
        with storing():
            Correspondent.objects.bulk_update([ada], ["value"])
        assert found(NEW)
        assert in_step()

    def test_named_fields_must_name_both(self, ada: Correspondent) -> None:
        ada.value = NEW
        with storing(), refused("without its blind index"):
            ada.save(update_fields=["value"])
        with storing():
            ada.save(update_fields=["value", "value_index"])
        assert found(NEW)

    def test_raw_sql_must_name_both(self, ada: Correspondent) -> None:
        with storing(), refused("written without its blind index value_index"):
            run("UPDATE kernel_correspondent SET value = crypt.enc('x')")
        with storing(), refused("changed without value"):
            run("UPDATE kernel_correspondent SET value_index = sha256('x') || '\\x01'::bytea")
        with storing(), refused("written without its blind index"):
            run(
                "INSERT INTO kernel_correspondent (id, name, value, value_index) "
                "SELECT id, name, value, value_index FROM kernel_correspondent "
                "ON CONFLICT (id) DO UPDATE SET value = crypt.enc('x')"
            )
        assert in_step()

    def test_pretending_to_rotate_helps_no_application(self, ada: Correspondent) -> None:
        with storing(), refused("written without its blind index"):
            run("GRANT UPDATE ON kernel_correspondent TO vbl_moderator")
            run("CREATE POLICY x ON kernel_correspondent FOR UPDATE TO vbl_moderator USING (true)")
            run(
                "SELECT set_config('app.key_purpose', 'rotate', true), set_config('role', 'vbl_moderator', true)"
            )
            run("UPDATE kernel_correspondent SET value = crypt.enc('x')")

    @pytest.mark.parametrize("value", [F("note"), Value("x")])
    def test_expressions_are_refused(self, ada: Correspondent, value: object) -> None:
        with reading(), pytest.raises(FieldError, match="plain value"):
            Correspondent.objects.update(value=value)
        ada.value = value
        with reading(), pytest.raises(FieldError, match="not an expression"):
            ada.save()

    def test_a_ciphertext_has_no_index(self, ada: Correspondent) -> None:
        with pytest.raises(FieldError, match="plain value"):
            Correspondent.objects.update(value=ada.note)

    def test_a_new_value_needs_keys(self, ada: Correspondent) -> None:
        ada.value = NEW
        with pytest.raises(KeysNotInForce):
            ada.save()
