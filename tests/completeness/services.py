"""The services of the house: every public function of every `<app>/services/<module>.py`."""

import ast
import re
from functools import cache
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
APPS = ("accounts", "performers", "streams", "billing", "engagement", "analytics", "audit")
MODULE = re.compile(rf"^(?:{'|'.join(APPS)})\.services\.[a-z_0-9]+$")


def service_modules() -> dict[str, Path]:
    """The file of each module of services, by its name: accounts.services.restrictions."""
    return {
        f"{app}.services.{file.stem}": file
        for app in APPS
        for file in sorted((ROOT / app / "services").glob("*.py"))
        if file.stem != "__init__"
    }


@cache
def services() -> dict[str, ast.FunctionDef]:
    """Every public function of them, by its full name, read from the source."""
    return {
        f"{module}.{node.name}": node
        for module, file in service_modules().items()
        for node in ast.parse(file.read_text()).body
        if isinstance(node, ast.FunctionDef) and not node.name.startswith("_")
    }


def yields(node: ast.FunctionDef) -> bool:
    """Whether a function is a generator or a context manager: what it does happens after it was called."""
    return any(isinstance(part, ast.Yield | ast.YieldFrom) for part in ast.walk(node))
