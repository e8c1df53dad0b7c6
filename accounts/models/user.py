"""People: staff, viewers and performers alike."""

from typing import Any, ClassVar, Self

from django.contrib.auth import get_backends
from django.contrib.auth.base_user import BaseUserManager
from django.contrib.auth.models import AbstractBaseUser
from django.db import models
from django.db.models import Func, Q, Value
from django.db.models.functions import Coalesce, Lower, Replace

from accounts.choices import SignUpSource, UserStatus
from accounts.erasure_triggers import ErasedByFunctionOnly
from accounts.models.erasable_history import HistoryOfPerson
from accounts.triggers import RefuseReservedHandle, StatusFollowsRestrictions
from core.db.constraints import (
    length_between,
    matches,
    one_of,
    rule,
    unique,
    unique_without_case,
    without_case,
)
from core.db.holds import HeldBy
from core.db.indexes import BTree
from core.db.policies import ALL, ME, Policy, policies
from core.db.privacy import personal
from core.db.roles import Role
from core.db.states import StateMachine
from core.db.triggers import Immutable
from core.models import History, Versioned, Volume

LONGEST_HANDLE = 30
HANDLE_PATTERN = f"^[A-Za-z0-9_]{{3,{LONGEST_HANDLE}}}$"
HANDLE_RULE = f"A handle has 3 to {LONGEST_HANDLE} letters (a to z), digits and underscores."
LIVING = Q(erased_at__isnull=True)
READERS = (
    Role.SUPPORT,
    Role.MODERATOR,
    Role.LEAD_MODERATOR,
    Role.FINANCE,
    Role.FINANCE_APPROVER,
    Role.COMPLIANCE,
    Role.AUDITOR,
    Role.ADMINISTRATOR,
)
NOT_MYSELF = f"id IS DISTINCT FROM {ME}"


def skeleton_of(column: str | Value) -> Func:
    """The expression whose value two handles share when they look alike.

    After Unicode Technical Standard 39, cut to the alphabet of handles: 0 looks like o; 1, i and l look alike;
    rn looks like m; vv looks like w.
    """
    return Replace(
        Replace(
            Func(Lower(column), Value("01i"), Value("oll"), function="translate"), Value("rn"), Value("m")
        ),
        Value("vv"),
        Value("w"),
    )


class UserQuerySet(models.QuerySet):
    """Reads of people."""

    def living(self) -> Self:
        """People whose data was not erased."""
        return self.filter(LIVING)

    def with_handle(self, handle: str) -> Self:
        """The living person with exactly this handle, letter case aside."""
        return self.living().alias(folded=without_case("handle")).filter(folded=without_case(Value(handle)))

    def handle_starts_with(self, prefix: str) -> Self:
        """Living people whose handle begins with `prefix`, letter case aside.

        By the index of the unique rule: `istartswith` would compare upper(handle), which no index has.
        """
        return self.living().alias(folded=without_case("handle")).filter(folded__startswith=prefix.lower())


class UserManager(BaseUserManager.from_queryset(UserQuerySet)):  # type: ignore[misc]
    """Django's manager for sign-in; people are made by `accounts.services.users`."""

    def get_by_natural_key(self, username: str | None) -> "User":
        return self.with_handle(username or "").get()


class User(AbstractBaseUser, Versioned):
    """One row per person with an account.

    Written by `accounts.services`. The password hash is in `UserPassword`, so that roles which read people
    never read hashes. Roles come from `RoleGrant`; there is no superuser.
    """

    volume, retention = Volume.LARGE, "while the account lives; emptied on erasure"
    held_by = HeldBy(person=("id",), keeps=("handle", "country", "erased_at"))

    last_login = None

    handle = personal(
        models.TextField(
            null=True,
            db_comment="Public name, unique whatever the letter case; null once the person is erased.",
        )
    )
    handle_skeleton = personal(
        models.GeneratedField(
            expression=skeleton_of("handle"),
            output_field=models.TextField(),
            db_persist=True,
            db_comment="What the handle looks like (UTS 39, cut to our alphabet); unique, against impersonation.",
        )
    )
    locale = personal(models.TextField(default="en", db_comment="Language of the interface, BCP 47 tag."))
    time_zone = personal(
        models.TextField(default="UTC", db_comment="IANA time zone in which times are shown.")
    )
    country = personal(
        models.TextField(
            null=True, blank=True, db_comment="Country of residence, ISO 3166-1 alpha-2; null if unsaid."
        )
    )
    sign_up_source = models.TextField(
        choices=SignUpSource, default=SignUpSource.WEB, db_comment="How the account came into being."
    )
    signed_up_at = models.DateTimeField(
        db_comment="When the person joined (UTC); for imported people earlier than the row itself."
    )
    status = models.TextField(
        choices=UserStatus,
        default=UserStatus.PENDING,
        db_comment="Where the account stands; moves are enforced.",
    )
    last_seen_at = personal(
        models.DateTimeField(
            null=True, blank=True, db_comment="When the person last used the platform (UTC), to five minutes."
        )
    )
    closed_at = models.DateTimeField(null=True, blank=True, db_comment="When the account was closed (UTC).")
    erased_at = models.DateTimeField(
        null=True, blank=True, db_comment="When what identifies was destroyed (UTC)."
    )

    status_machine = StateMachine(
        UserStatus,
        initial=[UserStatus.PENDING],
        moves={
            UserStatus.PENDING: [UserStatus.ACTIVE],
            UserStatus.ACTIVE: [UserStatus.RESTRICTED, UserStatus.CLOSED],
            UserStatus.RESTRICTED: [UserStatus.ACTIVE, UserStatus.SUSPENDED],
            UserStatus.SUSPENDED: [UserStatus.ACTIVE, UserStatus.CLOSED],
            UserStatus.CLOSED: [UserStatus.ERASED],
        },
    )

    quiet_columns = ("last_seen_at",)

    objects: ClassVar[UserManager] = UserManager()
    history = History(excluded_fields=["last_seen_at"], bases=(HistoryOfPerson,))

    USERNAME_FIELD = "handle"
    REQUIRED_FIELDS: ClassVar[list[str]] = []

    class Meta:
        verbose_name = "person"
        verbose_name_plural = "people"
        db_table_comment = (
            "One row per person with an account: staff, viewers and performers alike. "
            "Written by accounts.services. Kept while the account lives, emptied on erasure."
        )
        permissions = [
            ("restrict_user", "Can restrict people and lift restrictions"),
            ("suspend_user", "Can suspend and reinstate people"),
            ("close_user", "Can close accounts"),
            ("rename_user", "Can change handles"),
            ("flag_user", "Can raise and resolve flags"),
            ("reset_second_factor", "Can reset second factors of colleagues"),
            ("lift_lock_out", "Can lift lock-outs"),
            ("erase_user", "Can erase what identifies people"),
        ]
        constraints = [
            one_of("sign_up_source", SignUpSource),
            matches("handle", HANDLE_PATTERN, HANDLE_RULE),
            unique_without_case("handle", when=LIVING, message="This handle is taken."),
            unique("handle_skeleton", when=LIVING, message="This handle looks like that of somebody else."),
            length_between("locale", 2, 35),
            length_between("time_zone", 1, 64),
            matches("country", "^[A-Z]{2}$", "A country is two capital letters, as in ISO 3166-1."),
            rule(
                Q(closed_at__isnull=False, status__in=[UserStatus.CLOSED, UserStatus.ERASED])
                | Q(closed_at__isnull=True) & ~Q(status__in=[UserStatus.CLOSED, UserStatus.ERASED]),
                "closed_at",
                "An account has a time of closing exactly when it is closed or erased.",
            ),
            rule(
                Q(erased_at__isnull=False, status=UserStatus.ERASED, handle__isnull=True)
                | Q(erased_at__isnull=True, handle__isnull=False) & ~Q(status=UserStatus.ERASED),
                "erased_at",
                "An erased account has a time of erasure and no handle; every other one has a handle.",
            ),
            Policy(role=Role.APP, command="select", using=ALL),
            Policy(role=Role.APP, command="update", using="erased_at IS NULL"),
            *policies(Role.VIEWER, Role.PERFORMER, command="select", using=f"id = {ME}"),
            Policy(role=Role.VIEWER, command="insert", check=f"id = {ME} AND status = 'pending'"),
            *policies(Role.VIEWER, Role.PERFORMER, command="update", using=f"id = {ME}"),
            *policies(*READERS, Role.WORKER, command="select", using=ALL),
            *policies(
                Role.MODERATOR,
                Role.LEAD_MODERATOR,
                Role.COMPLIANCE,
                Role.SUPPORT,
                command="update",
                using=NOT_MYSELF,
            ),
            Policy(role=Role.ADMINISTRATOR, command="insert", check=NOT_MYSELF),
            Policy(role=Role.ADMINISTRATOR, command="update", using=NOT_MYSELF),
            Policy(role=Role.WORKER, command="insert", check="erased_at IS NULL"),
            Policy(role=Role.WORKER, command="update", using="erased_at IS NULL"),
        ]
        indexes = [
            BTree(
                fields=["status", "-id"],
                serves="People list of the back office, filtered by status, newest first",
            ),
            BTree(
                fields=["signed_up_at"],
                serves="docs/queries/sign_ups_of_week.sql: who signed up in a week, of whom funnels are counted",
            ),
            BTree(
                Coalesce("erased_at", "closed_at"),
                condition=Q(closed_at__isnull=False),
                name="%(app_label)s_%(class)s_ended_idx",
                serves="audit.services.retention: what is kept for years after the account ended",
            ),
        ]
        triggers = [
            Immutable("signed_up_at", "sign_up_source"),
            RefuseReservedHandle(),
            StatusFollowsRestrictions(),
            ErasedByFunctionOnly(),
        ]

    def __str__(self) -> str:
        return self.handle or f"erased person {self.pk}"

    @property
    def password(self) -> str:  # type: ignore[override]
        """The stored hash, which only the login role may read; empty where there is none.

        Django derives the session's hash from it, so that a changed password signs out every device.
        """
        from accounts.models.user_password import UserPassword

        try:
            return self.stored_password.password_hash
        except UserPassword.DoesNotExist:
            return ""

    @property
    def is_active(self) -> bool:  # type: ignore[override]
        """Whether the person may use the platform at all."""
        return self.status in (UserStatus.ACTIVE, UserStatus.RESTRICTED)

    @property
    def is_superuser(self) -> bool:
        """Always false: the administrator is a role like others."""
        return False

    @property
    def is_staff(self) -> bool:
        """Whether a staff role is in force now."""
        return bool(self.roles_in_force())

    def roles_in_force(self) -> list[Role]:
        """The staff roles granted to this person now, in the order of `STAFF_ROLES`; read once per object."""
        if not hasattr(self, "_roles_in_force"):
            from accounts.models.role_grant import RoleGrant

            self._roles_in_force = RoleGrant.objects.roles_of(self.pk)
        return self._roles_in_force

    def has_perm(self, perm: str, obj: Any = None) -> bool:
        """Whether the acting role carries the permission (`accounts.authentication`)."""
        return self.is_active and any(backend.has_perm(self, perm, obj) for backend in get_backends())

    def has_perms(self, perm_list: Any, obj: Any = None) -> bool:
        """Whether the acting role carries every permission of the list."""
        return all(self.has_perm(perm, obj) for perm in perm_list)

    def has_module_perms(self, app_label: str) -> bool:
        """Whether the acting role may see anything of the app."""
        backends: list[Any] = list(get_backends())
        return self.is_active and any(backend.has_module_perms(self, app_label) for backend in backends)
