"""What compose.yaml starts is what the project has, and what it asks for is what the guide tells."""

import re

from django.core.management import get_commands

from core.db.server_version import SUPPORTED
from core.documents.pages import docs_folder
from tests.database import ROOT

TEXT = (ROOT / "compose.yaml").read_text(encoding="utf-8")
GUIDE = (docs_folder() / "operations.md").read_text(encoding="utf-8")
COMPOSE = GUIDE.partition("\n## Deploy with compose\n")[2].partition("\n## ")[0]


def service(name: str) -> str:
    """The lines of one service."""
    found = re.search(rf"^  {name}:\n((?:    .*\n|\n)+)", TEXT, re.MULTILINE)
    assert found, name
    return found[1]


def test_every_command_exists() -> None:
    named = set(re.findall(r'manage\.py"?,? "?([a-z_]+)', TEXT))
    assert named == {"provision", "migrate", "keys_register", "worker", "maintenance_worker"}
    assert named <= set(get_commands())


def test_what_has_no_default_is_named_in_the_guide() -> None:
    asked = set(re.findall(r"\$\{(\w+):\?", TEXT))
    assert asked == {"SECRET_KEY", "APP_PASSWORD", "OWNER_PASSWORD", "POSTGRES_PASSWORD"}
    assert {name for name in asked if f"`{name}`" not in COMPOSE} == set()


def test_the_server_is_the_supported_one_and_logs_no_values() -> None:
    server = service("postgres")
    assert f"image: postgres:{SUPPORTED}\n" in server
    assert "log_parameter_max_length=0" in server
    assert "log_parameter_max_length_on_error=0" in server
    for option in (
        "--locale-provider=builtin",
        "--builtin-locale=C.UTF-8",
        "--encoding=UTF8",
        "--data-checksums",
    ):
        assert option in server


def test_only_the_site_goes_through_the_pooler() -> None:
    pooled = re.search(r"^    DATABASE_URL: (.+)", TEXT, re.MULTILINE)
    assert pooled
    assert pooled[1].startswith("postgresql://vbl_app:")
    assert "@pgbouncer:6432/" in pooled[1]
    for variable, login in (("OWNER_DATABASE_URL", "vbl_owner"), ("PROVISION_URL", "postgres")):
        direct = re.search(rf"^    {variable}: (.+)", TEXT, re.MULTILINE)
        assert direct
        assert direct[1].startswith(f"postgresql://{login}:")
    assert "DATABASE_URL: postgresql://vbl_app:${APP_PASSWORD}@postgres:5432/" in service("worker")
    assert TEXT.count("@pgbouncer:") == 1


def test_whatever_serves_is_started_again() -> None:
    for name in ("postgres", "pgbouncer", "site", "worker", "maintenance_worker"):
        assert "restart: unless-stopped" in service(name), name
    assert "restart:" not in service("prepare")


def test_every_volume_is_declared() -> None:
    declared = set(re.findall(r"^  (\w+):$", TEXT.partition("\nvolumes:\n")[2], re.MULTILINE))
    assert {
        name for line in re.findall(r"volumes: \[(.*)\]", TEXT) for name in re.findall(r'"(\w+):', line)
    } == declared
