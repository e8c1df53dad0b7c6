"""Names the services that no test called: `python -m tests.completeness FILE`, after `--services-called FILE`."""

import sys
from pathlib import Path

from tests.completeness.services import services, yields

called = set(Path(sys.argv[1]).read_text().split())
missed = sorted(name for name, node in services().items() if name not in called and not yields(node))
sys.stdout.write("\n".join(missed or ["Every service was called."]) + "\n")
sys.exit(bool(missed))
