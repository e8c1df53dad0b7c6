"""What a room is missing is named by `manage.py check`."""

from django.contrib import admin
from django.test import override_settings

from accounts.models import Restriction, User
from core.admin.actions import ConfirmedAction
from core.admin.checks import forms_carry_the_role
from core.admin.filters import exact
from core.admin.models import BackOfficeModelAdmin, ReadOnlyAdmin
from core.admin.sections import Section
from core.admin.site import BackOffice, backoffice


def problems(model, **attributes):
    room = type("Room", (ReadOnlyAdmin,), {"section": Section.PEOPLE, **attributes})
    return {error.id for error in room(model, BackOffice()).check()}


def test_the_back_office_is_the_admin_site():
    assert admin.site == backoffice
    assert isinstance(backoffice, BackOffice)


def test_a_room_in_order_has_no_problem():
    assert problems(User, list_filter=("status", exact("country", "Country"))) == set()


def test_a_room_says_its_section():
    assert problems(User, section=None) == {"core.E202"}


def test_a_filter_never_lists_every_value():
    assert problems(Restriction, list_filter=("user",)) == {"core.E203"}
    assert problems(User, list_filter=("country",)) == {"core.E203"}


def test_a_date_hierarchy_would_read_the_whole_table():
    assert problems(User, date_hierarchy="signed_up_at") == {"core.E204"}


def test_an_action_fits_its_service():
    assert problems(User, actions=(ConfirmedAction("x", lambda: None, "a.b"),)) == {"core.E205"}


def test_the_form_guard_must_be_built_in():
    assert forms_carry_the_role(None) == []
    engine = {"BACKEND": "django.template.backends.django.DjangoTemplates", "OPTIONS": {}}
    with override_settings(TEMPLATES=[engine]):
        assert [error.id for error in forms_carry_the_role(None)] == ["core.E201"]


def test_nothing_may_be_changed_unless_a_room_says_so(rf):
    request = rf.get("/")
    request.user = type("Somebody", (), {"has_perm": lambda self, permission: True})()
    room = type("Room", (BackOfficeModelAdmin,), {"section": Section.PEOPLE})(User, BackOffice())
    open_room = type("Open", (BackOfficeModelAdmin,), {"adds": True, "changes": True, "deletes": True})(
        User, BackOffice()
    )
    for may in ("add", "change", "delete"):
        assert not getattr(room, f"has_{may}_permission")(request)
        assert getattr(open_room, f"has_{may}_permission")(request)
    assert room.has_view_permission(request)
