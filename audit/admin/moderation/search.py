"""How staff find a case: by its reference, by whom or what it is about, by the file number of an organisation."""

import re
from collections.abc import Iterator
from uuid import UUID

from django.db.models import Q
from django.urls import reverse

from accounts.admin.contacts import looks_like_contact, spelled
from accounts.models import User, UserContact
from accounts.models.user_contact import FINDERS
from audit.models import Case, Report
from audit.models.moderation.readers import CASE_STAFF, OVERSEERS
from core.admin.search import HITS, Hit, SearchProvider, register_search
from core.db.context import current_role
from performers.models import PerformerProfile

REFERENCE = re.compile(r"^C-([0-9A-F]{8})$", re.IGNORECASE)
DIGITS = re.compile(r"^[0-9A-F]{8}$", re.IGNORECASE)
"""A reference without its beginning; may be a handle too."""

MOST_PEOPLE = 50


def reference_of(text: str) -> str | None:
    """The reference that somebody wrote, in its one spelling; None where it is none."""
    match = REFERENCE.match(text.strip())
    return f"C-{match[1].upper()}" if match else None


def case_condition(text: str) -> Q:
    """The condition that a case is meant by these words; one that holds for nothing where they mean none.

    Addresses find people for roles that may look people up by them.
    """
    text = text.strip()
    if reference := reference_of(text):
        return Q(reference=reference)
    try:
        identity = UUID(text)
    except ValueError:
        pass
    else:
        return Q(pk=identity) | Q(subject_id=identity) | Q(person_id=identity)
    if looks_like_contact(text):
        if current_role() not in FINDERS:
            return Q(pk__in=[])
        contacts = UserContact.objects.reaching(spelled(text))
        return Q(person_id__in=list(contacts.values_list("user_id", flat=True)[:MOST_PEOPLE]))
    people = list(User.objects.with_handle(text).values_list("pk", flat=True))
    performers = PerformerProfile.objects.stage_name_starts_with(text)
    people += performers.values_list("pk", flat=True)[:MOST_PEOPLE]
    filed = Report.objects.filter(organisation_reference=text).exclude(organisation_reference="")
    found = Q(person_id__in=people) | Q(pk__in=filed.values("case_id"))
    return found | Q(reference=f"C-{text.upper()}") if DIGITS.match(text) else found


def find_cases(query: str) -> Iterator[Hit]:
    """One case by its reference or id; every case about a subject whose id this is."""
    reference = reference_of(query)
    if reference is None:
        try:
            UUID(query)
        except ValueError:
            return
    found = list(Case.objects.filter(case_condition(query)).select_related("person").order_by("-pk")[:HITS])
    for case in found:
        yield Hit(
            title=f"{case.reference}: {case.person}",
            url=reverse("admin:audit_case_change", args=[case.pk]),
            words=case.get_status_display(),
            exact=reference is not None and len(found) == 1,
        )


register_search(SearchProvider("Cases", (*CASE_STAFF, *OVERSEERS), find_cases, hint="case C-…"))
