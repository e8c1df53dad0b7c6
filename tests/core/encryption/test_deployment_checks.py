"""What `check --deploy --database default` says of logging and binding."""

from typing import Any

import pytest
from django.db import connection

from core.encryption.checks import check_values_stay_out_of_the_log
from tests.sql import run

pytestmark = pytest.mark.django_db


def said() -> list[str]:
    return [str(message.id) for message in check_values_stay_out_of_the_log(databases=["default"])]


def test_it_names_a_server_that_logs_values() -> None:
    logged = run(
        "SELECT count(*) FROM pg_settings WHERE name LIKE 'log_parameter_max_length%%' AND setting <> '0'"
    )
    assert said() == ["core.W014"] * logged[0][0]


def test_it_names_values_in_the_text_of_statements(monkeypatch: pytest.MonkeyPatch) -> None:
    options: dict[str, Any] = {**connection.settings_dict["OPTIONS"], "server_side_binding": False}
    monkeypatch.setitem(connection.settings_dict, "OPTIONS", options)
    assert "core.E014" in said()


def test_it_asks_no_database_unless_told() -> None:
    assert check_values_stay_out_of_the_log() == []
