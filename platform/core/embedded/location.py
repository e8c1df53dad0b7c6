"""Which directory belongs to the embedded server of this checkout."""

import os
from pathlib import Path


def project_directory() -> Path:
    """EMBEDDED_DIR, or `.postgres/` beside manage.py."""
    if chosen := os.environ.get("EMBEDDED_DIR"):
        return Path(chosen).absolute()
    return Path(__file__).resolve().parents[3] / ".postgres"
