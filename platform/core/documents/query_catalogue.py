"""The query catalogue: `docs/queries/*.sql`, each a question with its SQL, its ORM twin and its expected plan.

A file begins with comments `-- key: value`, then sets its parameters for psql (`\\set handle 'viewer_00042'`),
then asks. psql runs it as it stands; tests run it with the same parameters bound by the driver.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from core.documents.markdown import GENERATED, blocks, code, table

KEYS = ("question", "asks", "role", "twin", "index", "rows", "partitions")
HEADER = re.compile(r"^-- (\w+): (.+)$")
SETTING = re.compile(r"^\\set (\w+) '((?:[^']|'')*)'$")
PARAMETER = re.compile(r":'(\w+)'")


@dataclass(frozen=True)
class CatalogueQuery:
    """One question to the database.

    `role` is the acting role, `twin` a Python expression that gives a queryset of the same rows, `index` the
    index of the plan, `rows` the most rows it returns, `partitions` the most it reads (0: not partitioned;
    None, written `all`: it has no bound in time and stops at the LIMIT).
    """

    name: str
    question: str
    asks: str
    role: str
    twin: str
    index: str
    rows: int
    partitions: int | None
    parameters: dict[str, str]
    sql: str


def parse(name: str, text: str) -> CatalogueQuery:
    """Read one file. Raises ValueError when a line of the header is missing or unknown, or a parameter unset."""
    header: dict[str, str] = {}
    parameters: dict[str, str] = {}
    body: list[str] = []
    for line in text.splitlines():
        if not body and (found := HEADER.match(line)):
            header[found[1]] = found[2].strip()
        elif not body and line.startswith("--     "):
            header[list(header)[-1]] += " " + line[2:].strip()
        elif found := SETTING.match(line):
            parameters[found[1]] = found[2].replace("''", "'")
        elif line.strip():
            body.append(line)
    if set(header) != set(KEYS):
        wrong = sorted(set(header) ^ set(KEYS))
        raise ValueError(f"{name}: the header has {', '.join(KEYS)}; missing or unknown: {', '.join(wrong)}.")
    sql = "\n".join(body).rstrip(";")
    if unset := sorted(set(PARAMETER.findall(sql)) - set(parameters)):
        raise ValueError(f"{name}: {unset[0]} is not set; write \\set {unset[0]} '...' above the query.")
    return CatalogueQuery(
        name=name,
        **{key: header[key] for key in ("question", "asks", "role", "twin", "index")},
        rows=int(header["rows"]),
        partitions=None if header["partitions"] == "all" else int(header["partitions"]),
        parameters=parameters,
        sql=PARAMETER.sub(r"%(\1)s", sql.replace("%", "%%")),
    )


def catalogue(folder: Path) -> Iterator[CatalogueQuery]:
    """Every query of the folder, by name of file."""
    for file in sorted(folder.glob("*.sql")):
        yield parse(file.stem, file.read_text(encoding="utf-8"))


def query_index(folder: Path) -> str:
    """The page that lists the queries of a folder."""
    rows = [
        (f"[{query.name}]({query.name}.sql)", query.question, query.asks, code(query.role), code(query.index))
        for query in catalogue(folder)
    ]
    return blocks(
        GENERATED,
        "# Query catalogue",
        "Questions that the platform asks, each as SQL that `psql` runs as it stands and with its twin in the ORM. "
        "Tests run both in the role named, compare their rows, and assert that both use the index named and read no "
        "more partitions than said.",
        table(("Query", "Question", "Who asks", "Role", "Index"), rows),
    )
