"""Which services the tests never called: `python -m tests.completeness FILE`, after runs with `--services-called FILE`."""

import sys
from pathlib import Path

from tests.completeness.services import services, yields

called = set(Path(sys.argv[1]).read_text().split())
missed = sorted(name for name, node in services().items() if name not in called and not yields(node))
print("\n".join(missed) or "Every service was called.")
sys.exit(bool(missed))
