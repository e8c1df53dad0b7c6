"""Changing one's own password in the back office."""

from django.contrib.admin.forms import AdminPasswordChangeForm
from django.core.exceptions import ValidationError

from accounts.models import User
from accounts.services.passwords import password_change, password_matches
from core.admin.site import backoffice


class OwnPasswordForm(AdminPasswordChangeForm):
    """Django's form, writing through the service: hashes are not kept on the person."""

    def clean_old_password(self) -> str:
        old = self.cleaned_data["old_password"]
        if not password_matches(user=self.user, raw=old):
            raise ValidationError(self.error_messages["password_incorrect"], code="password_incorrect")
        return old

    def save(self, commit: bool = True) -> User:
        """Set the password; `self.user` carries the new hash, from which Django renews this session."""
        self.user.stored_password = password_change(user=self.user, raw=self.cleaned_data["new_password1"])
        return self.user


backoffice.password_change_form = OwnPasswordForm
