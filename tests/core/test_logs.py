"""What is logged, and what is not."""

import io
import json
import logging
import logging.config

import pytest

from config.logs import logging_settings


@pytest.mark.parametrize("as_json", [True, False])
def test_a_traceback_shows_no_values(as_json: bool) -> None:
    stream = io.StringIO()
    settings = logging_settings(as_json=as_json)
    formatter = logging.config.DictConfigurator(settings).configure_formatter(settings["formatters"]["house"])
    handler = logging.StreamHandler(stream)
    handler.setFormatter(formatter)
    logger = logging.Logger("attack")
    logger.addHandler(handler)

    def sign_in(password: str) -> None:
        raise ValueError("refused")

    try:
        sign_in("".join(["swor", "dfish"]))
    except ValueError:
        logger.exception("failed")
    line = stream.getvalue()
    assert "ValueError" in line
    assert "sign_in" in line
    assert "swordfish" not in line
    if as_json:
        assert json.loads(line)["exception"][0]["frames"][-1]["name"] == "sign_in"
