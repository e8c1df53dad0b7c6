"""Production refuses to start half-configured; forms that are too large are refused by name."""

import json
import subprocess
import sys

import pytest
from django.test import Client

from config.logins import login_of
from core.embedded.location import project_directory
from tests.core.servers import ROOT, manage

PRODUCTION = {
    "DJANGO_SETTINGS_MODULE": "config.settings.production",
    "SECRET_KEY": "Wq3-" + "k9Tz_x7R" * 8,
    "DATABASE_URL": "postgresql://vbl_app:secret@db.example.com/versbottomlex",
    "OWNER_DATABASE_URL": "postgresql://vbl_owner:secret@db.example.com/versbottomlex",
    "ALLOWED_HOSTS": "office.example.com",
    "KEYS_DIRECTORY": str(ROOT),
    "EMAIL_URL": "smtp+tls://office:secret@mail.example.com:587",
}


def test_production_passes_djangos_own_check_of_a_deployment():
    said = manage("check", "--deploy", "--fail-level", "WARNING", **PRODUCTION)
    assert said.returncode == 0, said.stderr


@pytest.mark.parametrize(
    "variable", ["SECRET_KEY", "DATABASE_URL", "ALLOWED_HOSTS", "KEYS_DIRECTORY", "EMAIL_URL"]
)
def test_production_names_what_is_missing_and_how_to_set_it(variable):
    said = manage("check", **{**PRODUCTION, variable: ""})
    assert said.returncode == 1
    assert f"{variable} is not set: set it to" in said.stderr
    assert "Traceback" not in said.stderr


@pytest.mark.parametrize(
    ("variable", "value"),
    [
        ("SECRET_KEY", "short"),
        ("SECRET_KEY", "a" * 60),
        ("ALLOWED_HOSTS", "*"),
        ("ALLOWED_HOSTS", "a.org, *"),
        ("KEYS_DIRECTORY", "/no/such/directory"),
    ],
)
def test_production_refuses_what_is_weak(variable, value):
    said = manage("check", **{**PRODUCTION, variable: value})
    assert said.returncode == 1
    assert variable in said.stderr


def test_debug_cannot_be_switched_on_in_production():
    said = manage(
        "shell", "-c", "from django.conf import settings; print(settings.DEBUG)", DEBUG="1", **PRODUCTION
    )
    assert said.stdout.strip().endswith("False"), said.stderr


def test_the_second_factor_cannot_be_switched_off_in_production():
    said = manage("check", **{**PRODUCTION, "SECOND_FACTOR_REQUIRED": "false"})
    assert said.returncode == 1
    assert "SECOND_FACTOR_REQUIRED cannot be switched off in production" in said.stderr
    said = manage(
        "shell",
        "-c",
        "from django.conf import settings; print(settings.SECOND_FACTOR_REQUIRED)",
        **PRODUCTION,
    )
    assert said.stdout.strip().endswith("True"), said.stderr


def test_migration_without_the_owners_url_says_so():
    said = manage("migrate", **{**PRODUCTION, "OWNER_DATABASE_URL": ""})
    assert said.returncode == 1
    assert "OWNER_DATABASE_URL is not set: set it to postgresql://vbl_owner:PASSWORD@" in said.stderr


def test_production_logs_json():
    program = (
        "import django; django.setup(); import logging; "
        "logging.getLogger('django.request').warning('Gone: %s', '/x', extra={'status_code': 410, 'request': 1})"
    )
    said = subprocess.run(
        [sys.executable, "-c", program],
        env={**PRODUCTION, "PYTHONPATH": f"{ROOT / 'platform'}:{ROOT}"},
        capture_output=True,
        text=True,
        check=True,
    )
    line = json.loads(said.stderr.strip().splitlines()[-1])
    assert (line["event"], line["level"], line["status_code"]) == ("Gone: /x", "warning", 410)
    assert "request" not in line


@pytest.mark.parametrize(
    ("arguments", "login"),
    [
        (["manage.py", "migrate"], "owner"),
        (["/a b/manage.py", "--traceback", "partitions_maintain"], "owner"),
        (["manage.py", "runserver"], "app"),
        (["gunicorn", "migrate"], "app"),
        (["manage.py"], "app"),
        ([], "app"),
    ],
)
def test_command_decides_the_login(arguments, login):
    assert login_of(arguments) == login


def test_embedded_server_lives_beside_manage_py(monkeypatch):
    monkeypatch.delenv("EMBEDDED_DIR", raising=False)
    assert project_directory() == ROOT / ".postgres"


@pytest.mark.django_db
def test_form_of_ten_megabytes_is_refused_with_a_page_that_says_so():
    client = Client(enforce_csrf_checks=True)
    client.cookies["csrftoken"] = "a" * 32
    refused = client.post(
        "/login/", data="username=" + "a" * 10_000_000, content_type="application/x-www-form-urlencoded"
    )
    assert refused.status_code == 413
    assert "A form may hold 2.5 MB. Nothing was saved" in refused.content.decode()


@pytest.mark.django_db
def test_health_is_told_to_a_balancer_that_sends_no_name_of_ours():
    answer = Client().get("/healthz", headers={"host": "10.0.0.7"})
    assert (answer.status_code, answer.json()) == (200, {"database": "ok"})


@pytest.mark.django_db
def test_health_tells_of_a_database_that_does_not_answer(monkeypatch):
    from django.db import OperationalError, connection

    def broken():
        raise OperationalError("no answer")

    monkeypatch.setattr(connection, "cursor", broken)
    assert Client().get("/healthz").status_code == 503


@pytest.mark.django_db
def test_every_page_says_what_it_may_load():
    policy = Client().get("/login/").headers["Content-Security-Policy"]
    assert "default-src 'self'" in policy
    assert "frame-ancestors 'none'" in policy
