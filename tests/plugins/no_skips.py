"""In CI a skipped test is a failed run: that machine has everything, so a skip hides a fault."""

from __future__ import annotations

import os
from typing import Any

import pytest

_FALSE = ("", "0", "false", "no")


def pytest_configure(config: pytest.Config) -> None:
    on_the_controller = not hasattr(config, "workerinput")
    if on_the_controller and os.environ.get("CI", "").lower() not in _FALSE:
        config.pluginmanager.register(NoSkips(), "modalembic-no-skips")


class NoSkips:
    def __init__(self) -> None:
        self.skipped: list[tuple[str, str]] = []

    def pytest_runtest_logreport(self, report: pytest.TestReport) -> None:
        if report.skipped and not hasattr(report, "wasxfail"):
            self.skipped.append((report.nodeid, _reason(report.longrepr)))

    def pytest_collectreport(self, report: pytest.CollectReport) -> None:
        if report.skipped:
            self.skipped.append((report.nodeid, _reason(report.longrepr)))

    @pytest.hookimpl(trylast=True)
    def pytest_sessionfinish(self, session: pytest.Session) -> None:
        if self.skipped and session.exitstatus in (
            pytest.ExitCode.OK,
            pytest.ExitCode.NO_TESTS_COLLECTED,
        ):
            session.exitstatus = pytest.ExitCode.TESTS_FAILED

    def pytest_terminal_summary(self, terminalreporter: pytest.TerminalReporter) -> None:
        if not self.skipped:
            return
        terminalreporter.section("skipped, which in CI is a failure", sep="=", red=True)
        for nodeid, reason in self.skipped:
            terminalreporter.line(f"{nodeid}: {reason}")


def _reason(longrepr: Any) -> str:
    if isinstance(longrepr, tuple):
        return str(longrepr[-1]).removeprefix("Skipped: ")
    return str(longrepr)
