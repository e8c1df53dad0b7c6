"""Which worker of xdist runs what: a file stays together, so that what it shares is made once, and long ones begin.

`--dist loadgroup` of pytest-xdist 3.8 does not know the groups under pytest 9.2, which no longer lets a plugin rename
a test.
"""

from typing import Any

import pytest
from xdist.scheduler import LoadScopeScheduling

#: Files that share one running site.
SITE = "tests/site"
#: Begun first, so that no worker is left alone with one of them at the end; the longest of them first.
LONG = (
    "tests/core/test_query_catalogue.py",
    "tests/core/test_reversible_migrations.py",
    "tests/core/encryption/test_plaintext_is_nowhere.py",
    "tests/core/test_provisioning.py",
    "tests/core/test_embedded.py",
    "tests/core/admin/test_form_guard.py",
    "tests/core/test_partitions_migrations.py",
    # Sealing waits for every open transaction of the server, and the query catalogue's lasts for its whole file: what
    # seals comes late, the workers of the site among it.
    SITE,
    "tests/audit/test_trail_plans.py",
    "tests/audit/test_seal_restore.py",
    "tests/audit/test_seal_races.py",
)
#: Roll-ups of figures wait for every open transaction of the server too.
LATE = "tests/analytics/"


class FileScheduling(LoadScopeScheduling):
    """The file is the unit of work; all of the site's are one."""

    def __init__(self, config: pytest.Config, log: Any = None) -> None:
        super().__init__(config, log)
        config.option.loadscopereorder = False

    def _split_scope(self, nodeid: str) -> str:
        file = nodeid.partition("::")[0]
        return SITE if file.startswith(f"{SITE}/") else file

    def _assign_work_unit(self, node: Any) -> None:
        """Hand out the long files before the others, and last those that wait for them."""
        for scope in LONG:
            if scope in self.workqueue:
                self.workqueue.move_to_end(scope, last=False)
                break
        else:
            while len(self.workqueue) > 1 and next(iter(self.workqueue)).startswith(LATE):
                if all(scope.startswith(LATE) for scope in self.workqueue):
                    break
                self.workqueue.move_to_end(next(iter(self.workqueue)))
        super()._assign_work_unit(node)
