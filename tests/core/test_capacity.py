"""The reckoning of disk: every firehose is in it, and what it comes to follows from what was measured."""

import pytest
from django.apps import apps

from benchmarks.capacity import ENOUGH, HEADROOM, MADE, Measured, report, value_of, years_of
from benchmarks.capacity_assumptions import LONGER, ROWS, YEARS
from core.checks import HOUSE_APPS
from core.documents.pages import docs_folder
from core.models.storage import Volume, retention_of, volume_of

MODELS = {
    model._meta.db_table: model
    for model in apps.get_models(include_auto_created=True)
    if model._meta.app_label in HOUSE_APPS and model._meta.managed and not model._meta.proxy
}
CAPACITY = (docs_folder() / "operations.md").read_text(encoding="utf-8").partition("\n## Capacity\n")[2]


def test_every_firehose_is_reckoned() -> None:
    assert {name for name, model in MODELS.items() if volume_of(model) is Volume.FIREHOSE} <= set(ROWS)


def test_what_is_reckoned_is_large_and_comes_or_stands() -> None:
    assert {name for name in ROWS if volume_of(MODELS[name]) not in (Volume.LARGE, Volume.FIREHOSE)} == set()
    assert {name for name, rows in ROWS.items() if (rows.a_day > 0) == (rows.standing > 0)} == set()
    assert set(YEARS) | set(LONGER) <= set(ROWS)


def test_a_period_is_given_by_hand_only_where_the_model_names_none() -> None:
    assert {name for name in YEARS if years_of(retention_of(MODELS[name])) is not None} == set()


@pytest.mark.parametrize(
    ("words", "years"),
    [
        ("7 years after its end", 7),
        ("13 months", 13 / 12),
        ("1461 days", 4),
        ("10 minutes", 0),
        ("for ever", None),
    ],
)
def test_years_are_read_from_the_words(words: str, years: float | None) -> None:
    assert years_of(words) == (None if years is None else pytest.approx(years, abs=1e-4))


def test_what_leaves_and_what_stays_is_told_apart() -> None:
    found = dict.fromkeys(ROWS, Measured(600.0, 400.0, made_up=False))
    lines = {line.split("`")[1]: line for line in report(found) if line.startswith("| `")}
    assert set(lines) == set(ROWS)
    # 110,000 sign-ins a day, kept for 90 days.
    year, steady = 110_000 * 365 * 1000 * HEADROOM / 1e9, 110_000 * 365 * 90 / 365.25 * 1000 * HEADROOM / 1e9
    assert f"| {year:,.1f} | 90 days | {steady:,.1f} |" in lines["accounts_loginevent"]
    assert (
        f"| standing | 0.0 | while the account lives | {1000 * HEADROOM / 1000:,.1f} |"
        in lines["accounts_user"]
    )


def test_made_up_values_fit_their_column() -> None:
    assert ENOUGH < MADE
    assert value_of("id", "uuid", "U", True, []) == "uuidv7()"
    assert value_of("kind", "text", "S", False, ["a", "abc", "abcdef"]) == "'abc'"
    assert value_of("code", "text", "S", True, ["a"]) == "left(md5(n::text), 16)"


def test_the_guide_shows_the_tables_as_they_are_reckoned() -> None:
    assert {name for name in ROWS if f"| `{name}`" not in CAPACITY} == set()
    assert "make bench-capacity" in CAPACITY
