"""A missing tool is a skip on a desk and a failure in `.ci/run`."""

from pathlib import Path

import pytest

pytest_plugins = ["pytester"]

SKIPS = """
import pytest

def test_tool():
    pytest.skip("needs Java 17")

def test_real_book(real_data):
    pass
"""


@pytest.mark.parametrize(("flag", "failed", "skipped"), [("", 0, 2), ("1", 1, 1)])
def test_a_missing_tool_fails_only_where_tools_are_promised(
    pytester: pytest.Pytester,
    monkeypatch: pytest.MonkeyPatch,
    flag: str,
    failed: int,
    skipped: int,
    root: Path,
) -> None:
    monkeypatch.setenv("LOANWATCH_CI", flag)
    monkeypatch.setenv("LOANWATCH_REAL_DATA", str(pytester.path / "nowhere"))
    pytester.makeconftest((root / "tests" / "conftest.py").read_text())
    pytester.makepyfile(SKIPS)
    pytester.runpytest_subprocess("-p", "no:cacheprovider").assert_outcomes(failed=failed, skipped=skipped)
