"""One's own password, changed in the back office."""

from typing import Any

from django.contrib.auth.forms import PasswordChangeForm
from django.core.exceptions import ValidationError

from accounts.models import User
from accounts.services.passwords import password_change, password_matches
from core.admin.site import backoffice


class PasswordForm(PasswordChangeForm):
    """The old password, and the new one twice."""

    def clean_old_password(self) -> str:
        """Ask the stored hash, which is not on the person. Raises ValidationError when it is another."""
        raw = self.cleaned_data["old_password"]
        if not password_matches(user=self.user, raw=raw):
            raise ValidationError(self.error_messages["password_incorrect"], code="password_incorrect")
        return raw

    def save(self, commit: bool = True) -> Any:
        """Store the new hash through the service."""
        user = User.objects.get(pk=self.user.pk)
        password_change(user=user, raw=self.cleaned_data["new_password1"])
        return user


backoffice.password_form = PasswordForm
