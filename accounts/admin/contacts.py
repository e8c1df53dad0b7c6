"""Contacts: found by the exact address, revealed with a reason."""

from collections.abc import Iterator
from typing import Any
from uuid import UUID

from django.contrib import admin
from django.db.models import QuerySet
from django.http import HttpRequest
from django.urls import reverse

from accounts.admin.filters import PersonFilter
from accounts.admin.links import person_link, person_url
from accounts.models import User, UserContact
from accounts.models.user_contact import FINDERS
from accounts.services.addresses import MalformedNumber, number_check
from accounts.services.contacts import contact_remove, contact_reveal
from core.admin.actions import ConfirmedAction
from core.admin.models import ReadOnlyAdmin
from core.admin.panels import Panel
from core.admin.reveals import RevealAction
from core.admin.search import Hit, SearchProvider, register_search
from core.admin.sections import Section
from core.admin.site import backoffice

CONTACTS = Panel(
    title="Contacts",
    columns=(
        ("What", "kind"),
        ("Verified (UTC)", lambda row: f"{row.verified_at:%Y-%m-%d %H:%M}" if row.verified_at else "not yet"),
        ("Primary", lambda row: "yes" if row.is_primary else "no"),
    ),
    rows=lambda user: user.contacts.defer("value").order_by("-is_primary", "-pk"),
    permission="accounts.view_usercontact",
    url=lambda row: reverse("admin:accounts_usercontact_change", args=[row.pk]),
    words="Encrypted. Open one and give a reason to read it.",
    empty="No address is known.",
)
VERIFICATIONS = Panel(
    title="Codes sent",
    columns=(
        ("Asked for (UTC)", lambda row: f"{row.created_at:%Y-%m-%d %H:%M}"),
        ("Sent", lambda row: f"{row.sent_at:%Y-%m-%d %H:%M}" if row.sent_at else "not yet"),
        ("Tried", "attempts"),
        ("Outcome", lambda row: row.get_outcome_display() or "open"),
    ),
    rows=lambda contact: contact.verifications.order_by("-pk"),
    permission="accounts.view_contactverification",
    empty="No code was asked for within 7 days.",
)


def spelled(text: str) -> str:
    """What staff type, in the spelling that is kept: a number in E.164, anything else as it is."""
    try:
        return number_check(text)
    except MalformedNumber:
        return text.strip()


def looks_like_contact(text: str) -> bool:
    """Whether it is worth asking: an e-mail address, or a number with its country code."""
    return "@" in text or text.strip().startswith("+")


@admin.register(UserContact, site=backoffice)
class UserContactAdmin(ReadOnlyAdmin):
    """Addresses and numbers of people."""

    section = Section.PEOPLE
    list_display = ("what", "person", "verified_at", "is_primary")
    list_filter = ("kind", ("verified_at", admin.EmptyFieldListFilter), PersonFilter)
    list_select_related = ("user",)
    search_fields = ("value_index",)
    search_help_text = "A whole e-mail address, or a telephone number with its country code."
    fields = ("person", "kind", "verified_at", "is_primary", "created_at", "id", "version")
    readonly_fields = ("person",)
    panels = (VERIFICATIONS,)
    actions = (
        RevealAction(contact_reveal, "accounts.reveal_usercontact", id_kwarg="contact_id"),
        ConfirmedAction(
            "remove",
            contact_remove,
            "accounts.delete_usercontact",
            words="Remove",
            explain=lambda contact: (
                f"This contact of {contact.user} is deleted, and nobody signs in with it any more."
            ),
            done="The contact is removed.",
            dangerous=True,
            id_kwarg="contact_id",
        ),
    )

    def get_queryset(self, request: HttpRequest) -> QuerySet:
        """Without the encrypted column: a list does not carry what it never shows."""
        return super().get_queryset(request).defer("value")

    def get_search_results(
        self, request: HttpRequest, queryset: Any, search_term: str
    ) -> tuple[QuerySet, bool]:
        """By the whole address, through its blind index, or by id; nothing else can be found."""
        if looks_like_contact(search_term):
            return queryset.reaching(spelled(search_term)), False
        try:
            return queryset.filter(pk=UUID(search_term.strip())), False
        except ValueError:
            return (queryset if not search_term.strip() else queryset.none()), False

    @admin.display(description="What")
    def what(self, contact: UserContact) -> str:
        return contact.get_kind_display()

    @admin.display(description="Person")
    def person(self, contact: UserContact) -> str:
        return person_link(contact.user)


def find_by_contact(query: str) -> Iterator[Hit]:
    """Whoever has exactly this e-mail address or telephone number."""
    if not looks_like_contact(query):
        return
    contacts = list(
        UserContact.objects.reaching(spelled(query))
        .select_related("user")
        .defer("value")
        .order_by("-pk")[:20]
    )
    people = {contact.user_id for contact in contacts}
    for contact in contacts:
        verified = "verified" if contact.verified_at else "not verified"
        yield Hit(
            title=str(contact.user),
            url=person_url(contact.user_id),
            words=f"{contact.get_kind_display()}, {verified}",
            exact=len(people) == 1,
        )


register_search(SearchProvider("Contacts", FINDERS, find_by_contact, hint="whole e-mail or number"))
backoffice.add_panel(User, CONTACTS)
