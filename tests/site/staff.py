"""Accounts of colleagues on the running site, made through the services by a process of its own."""

import os
import subprocess
import sys

from core.db.roles import Role
from tests.database import ROOT
from tests.site.conftest import Site

SCRIPT = """
import sys
from accounts.choices import SignUpSource
from accounts.services.users import NewUser, user_activate, user_register
handle, password = sys.stdin.read().split()
user = user_register(new=NewUser(handle=handle), password=password, actor=None, source=SignUpSource.STAFF)
user_activate(user_id=user.pk, actor=None)
"""


GRANT = """
from accounts.services.role_grants import role_grant
for role in roles:
    role_grant(user_id=user.pk, role=role, actor=None, reason="works here from the beginning")
"""


def add_staff(site: Site, handle: str, password: str, *roles: Role) -> None:
    """Make an active account that can sign in; other roles are granted by hand, in the back office."""
    subprocess.run(
        [
            *(sys.executable, "manage.py", "shell", "--command"),
            f"{SCRIPT}\nroles = {[role.value for role in roles]!r}\n{GRANT}",
        ],
        cwd=ROOT,
        env={
            **os.environ,
            "OWNER_DATABASE_URL": site.owner_url,
            "DATABASE_URL": site.app_url,
            "DATABASE_LOGIN": "owner",
            "DJANGO_SETTINGS_MODULE": "config.settings.demo",
        },
        input=f"{handle} {password}",
        text=True,
        check=True,
        capture_output=True,
    )
