"""Signing in with a handle or an e-mail address and a password, and what the acting role permits."""

from typing import Any

from django.contrib.auth.backends import BaseBackend
from django.contrib.auth.models import Permission
from django.db.models import Exists, OuterRef, QuerySet
from django.http import HttpRequest

from accounts.choices import RestrictionKind, SignInFailure
from accounts.models import Restriction, User
from accounts.services.contacts import person_reached_at
from accounts.services.passwords import password_matches
from core.db.context import current_role
from core.db.roles import Role


def person_named(name: str) -> User | None:
    """Whom somebody means who types `name` to sign in: the one place where it becomes a person.

    A handle, or a verified e-mail address, found by its blind index. Runs as the login role. For a name that nobody has
    as much is asked as for one that somebody has.
    """
    if "@" not in name:
        return User.objects.with_handle(name).first()
    person_id = person_reached_at(name)
    return User.objects.living().filter(pk=person_id).first()


def _bars() -> QuerySet[Restriction]:
    """Restrictions in force that keep people from signing in."""
    return Restriction.objects.in_force().filter(kind=RestrictionKind.SIGN_IN)


class HandleBackend(BaseBackend):
    """Django's authentication backend of the platform.

    Permissions are those of the group of the acting role, and of no other role the person holds.
    """

    def authenticate(
        self, request: HttpRequest | None, username: str | None = None, password: str | None = None, **_: Any
    ) -> User | None:
        """The person, or None; why not is left on the request as `sign_in_failure` for the record."""
        if not username or password is None:
            return None
        user = person_named(username)
        failure = None
        if not password_matches(user=user, raw=password):
            failure = SignInFailure.WRONG_PASSWORD if user else SignInFailure.UNKNOWN_HANDLE
        elif user is not None:
            failure = self._bar(user)
        if request is not None:
            request.sign_in_failure = failure  # type: ignore[attr-defined]
            request.sign_in_user = user  # type: ignore[attr-defined]
        return None if failure else user

    def _bar(self, user: User) -> SignInFailure | None:
        if not user.is_active:
            return SignInFailure.NOT_ACTIVE
        return SignInFailure.BARRED if _bars().filter(user=user).exists() else None

    def get_user(self, user_id: Any) -> User | None:
        """The signed-in person with the stored hash, from which Django checks the session."""
        barred = _bars().filter(user_id=OuterRef("pk"))
        user = User.objects.select_related("stored_password").filter(~Exists(barred), pk=user_id).first()
        return user if user is not None and user.is_active else None

    def get_all_permissions(self, user_obj: Any, obj: Any = None) -> set[str]:
        """`app.codename` of everything that the acting role may do; nothing without an acting role."""
        role = current_role()
        if obj is not None or role is None or role in (Role.APP, Role.OWNER):
            return set()
        cache: dict[Role, set[str]] = user_obj.__dict__.setdefault("_permissions_by_role", {})
        if role not in cache:
            rows = Permission.objects.filter(group__name=role.short).values_list(
                "content_type__app_label", "codename"
            )
            cache[role] = {f"{app}.{codename}" for app, codename in rows}
        return cache[role]

    def has_perm(self, user_obj: Any, perm: str, obj: Any = None) -> bool:
        return perm in self.get_all_permissions(user_obj, obj)

    def has_module_perms(self, user_obj: Any, app_label: str) -> bool:
        """Whether the acting role may do anything in the app."""
        return any(perm.startswith(f"{app_label}.") for perm in self.get_all_permissions(user_obj))
