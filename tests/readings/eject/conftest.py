"""What tests of ejected programs share."""

import os
from collections.abc import Iterator
from typing import Any

import pytest

ALL_TOOLS = os.environ.get("GLASSNET_TOOLS") == "all"


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport(item: pytest.Item, call: pytest.CallInfo[None]) -> Iterator[Any]:
    """Where all tools must be there (GLASSNET_TOOLS=all), a test that skips for the lack of one fails."""
    report = yield
    if ALL_TOOLS and report.skipped and "is needed to run this program" in str(report.longrepr):
        report.outcome, report.longrepr = "failed", str(report.longrepr)
    return report
