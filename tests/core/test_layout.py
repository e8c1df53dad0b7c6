"""The shape of the house."""

from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]


def test_platform_is_a_source_root_and_not_a_package():
    assert not (ROOT / "platform" / "__init__.py").exists(), "it would hide the standard library's platform"


def test_tests_are_a_package():
    assert (ROOT / "tests" / "__init__.py").exists(), "else tests/billing hides billing"
