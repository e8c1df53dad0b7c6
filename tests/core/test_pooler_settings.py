"""The settings of PgBouncer that are shipped are those that are documented."""

import re

from tests.database import ROOT
from tests.pooler import documented


def test_compose_has_the_documented_settings() -> None:
    service = (ROOT / "compose.yaml").read_text().partition("\n  pgbouncer:\n")[2].partition("\n\n")[0]
    written = dict(re.findall(r"^      ([A-Z_]+): (\S+)$", service, re.MULTILINE))
    ini = documented()["pgbouncer"]
    shared = {name.lower(): value for name, value in written.items() if not name.startswith("DB_")}
    assert shared == {name: ini[name] for name in shared}
    assert shared["pool_mode"] == "transaction"
