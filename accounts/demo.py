"""People of the demo: a real data set, one member of staff per role, and some work that waits for them."""

import secrets
from pathlib import Path

from django.db import transaction

from accounts.choices import FlagKind, FlagSource, RestrictionKind, SignUpSource
from accounts.models import AccountFlag, Restriction, RoleGrant, User
from accounts.services.contacts import contacts_import
from accounts.services.flags import flag_raise
from accounts.services.restrictions import restriction_place
from accounts.services.role_grants import administrator_bootstrap, role_grant
from accounts.services.users import NewUser, user_activate, user_register
from core.datasets.importing import dataset_import
from core.datasets.registry import dataset
from core.db.context import acting
from core.db.roles import STAFF_ROLES, Role
from core.demo import DemoStep, register_step, sign_ins

DATA = Path(__file__).parent / "data" / "follow_graph"
SEVERAL_ROLES = "demo_every_role"
ADMINISTRATOR = f"demo_{Role.ADMINISTRATOR.short}"


def load_people() -> str:
    """Import the follow graph as the worker."""
    with acting(Role.WORKER):
        report = dataset_import(dataset=dataset("follow_graph"), path=DATA, all_or_nothing=True)
    return f"{report.new:,} new, {report.unchanged:,} there before"


def _member_of_staff(handle: str, roles: tuple[Role, ...], grantor: User | None) -> tuple[User, str]:
    password = secrets.token_urlsafe(12)
    user = user_register(
        new=NewUser(handle=handle), password=password, actor=grantor, source=SignUpSource.STAFF
    )
    user_activate(user_id=user.pk, actor=grantor)
    for role in roles:
        if role is Role.ADMINISTRATOR and grantor is None:
            administrator_bootstrap(user_id=user.pk)
        else:
            role_grant(user_id=user.pk, role=role, actor=grantor, reason="staff of the demo")
    return user, password


def load_staff() -> str:
    """Make one member of staff per role, and one with every role; passwords are made up and kept in a file."""
    if User.objects.with_handle(ADMINISTRATOR).exists():
        return "there before"
    lines = []
    with transaction.atomic():
        administrator, password = _member_of_staff(ADMINISTRATOR, (Role.ADMINISTRATOR,), None)
        lines.append(_line(ADMINISTRATOR, password, Role.ADMINISTRATOR.label))
        with acting(Role.OWNER, user_id=administrator.pk):
            for role in STAFF_ROLES:
                if role is not Role.ADMINISTRATOR:
                    handle = f"demo_{role.short}"
                    _, password = _member_of_staff(handle, (role,), administrator)
                    lines.append(_line(handle, password, role.label))
            _, password = _member_of_staff(SEVERAL_ROLES, STAFF_ROLES, administrator)
            lines.append(_line(SEVERAL_ROLES, password, "every role, one at a time"))
        sign_ins.keep(lines)
    return f"{len(lines)} people, {RoleGrant.objects.in_force().count()} roles in force"


def _line(handle: str, password: str, words: str) -> str:
    return f"  {handle:24} {password:20} {words}"


def load_work() -> str:
    """Flags that wait for moderators, and restrictions that one of them placed."""
    if AccountFlag.objects.exists():
        return "there before"
    people = list(User.objects.filter(sign_up_source=SignUpSource.IMPORT).order_by("pk")[:60])
    if not people:
        return "nobody to work on"
    moderator = User.objects.with_handle(f"demo_{Role.MODERATOR.short}").get()
    with acting(Role.WORKER):
        for number, person in enumerate(people[:40]):
            flag_raise(
                user_id=person.pk,
                kind=list(FlagKind)[number % len(FlagKind)],
                actor=None,
                reason="pattern found by automatic detection",
                source=FlagSource.AUTOMATIC,
            )
    with acting(Role.MODERATOR, user_id=moderator.pk):
        for number, person in enumerate(people[40:]):
            restriction_place(
                user_id=person.pk,
                kind=list(RestrictionKind)[number % 5],
                actor=moderator,
                reason="unwanted advertising in several rooms, seen in the reports of the week",
            )
    return f"{AccountFlag.objects.count()} flags, {Restriction.objects.count()} restrictions"


register_step(DemoStep(10, "People of the follow graph", load_people))
register_step(DemoStep(11, "Staff of every role", load_staff))


def load_contacts() -> str:
    """An invented e-mail address for everybody, at a domain that RFC 2606 keeps for examples."""
    people = dict(User.objects.living().values_list("pk", "handle"))
    with acting(Role.WORKER):
        count = contacts_import(
            addresses={pk: f"{handle}@example.org".lower() for pk, handle in people.items()}
        )
    return f"{count} e-mail addresses"


register_step(DemoStep(12, "Flags and restrictions", load_work))
register_step(DemoStep(13, "Contacts, encrypted", load_contacts))
