"""Names of the house: `<table>_<columns or rule>_<suffix>`, 63 bytes at most.

The suffixes are PostgreSQL's own (src/backend/parser/parse_utilcmd.c, ChooseConstraintName).
"""

import hashlib
import re

MAX_BYTES = 63
SUFFIXES = ("pkey", "key", "check", "excl", "idx", "fkey", "like_idx")
PATTERN = re.compile(r"^[a-z][a-z0-9_]*$")


def shortened(name: str) -> str:
    """`name` if PostgreSQL would keep it whole, else a cut with eight hexadecimal digits of its digest.

    The suffix after the last underscore stays readable.
    """
    if len(name.encode()) <= MAX_BYTES:
        return name
    stem, _, suffix = name.rpartition("_")
    digest = hashlib.sha256(name.encode()).hexdigest()[:8]
    return f"{stem[: MAX_BYTES - len(digest) - len(suffix) - 2].rstrip('_')}_{digest}_{suffix}"


def constraint_name(table: str, columns: list[str] | tuple[str, ...], suffix: str) -> str:
    """`<table>_<columns>_<suffix>` within 63 bytes."""
    return shortened("_".join([table.strip('"').rpartition(".")[2], *columns, suffix]))


def is_house_name(name: str, table: str) -> bool:
    """Does `name` begin with its table, end in a known suffix and fit into an identifier?"""
    return (
        bool(PATTERN.match(name))
        and len(name.encode()) <= MAX_BYTES
        and name.startswith(f"{table}_"[:40])
        and name.endswith(tuple(f"_{suffix}" for suffix in SUFFIXES))
    )
