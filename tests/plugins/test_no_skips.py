from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

REPOSITORY = Path(__file__).parents[2]

PYTEST = [sys.executable, "-m", "pytest", "-p", "xdist", "-p", "tests.plugins.no_skips"]
LEAN = {"PYTEST_DISABLE_PLUGIN_AUTOLOAD": "1"}

SKIPPED = """
import pytest

@pytest.mark.skip(reason="no submarine")
def test_it_dives():
    pass
"""

SKIPPED_AS_A_WHOLE = """
import pytest

pytest.skip("no ocean", allow_module_level=True)
"""

PASSES = """
import pytest

def test_it_floats():
    pass

@pytest.mark.xfail(strict=True)
def test_it_flies():
    raise AssertionError
"""


@pytest.mark.parametrize("source", [SKIPPED, SKIPPED_AS_A_WHOLE])
@pytest.mark.parametrize("workers", ["0", "1"])
def test_a_skip_fails_in_ci_and_its_reason_is_listed(
    tmp_path: Path, source: str, workers: str
) -> None:
    code, output = _run(tmp_path, [PASSES, source], "-n", workers, ci="true")
    assert code == pytest.ExitCode.TESTS_FAILED
    assert "skipped, which in CI is a failure" in output
    assert ": no " in output


@pytest.mark.parametrize("source", [SKIPPED, SKIPPED_AS_A_WHOLE])
@pytest.mark.parametrize("ci", ["", "false"])
def test_a_skip_passes_elsewhere(tmp_path: Path, source: str, ci: str) -> None:
    code, _ = _run(tmp_path, [PASSES, source], ci=ci)
    assert code == pytest.ExitCode.OK


def test_an_expected_failure_is_no_skip(tmp_path: Path) -> None:
    code, _ = _run(tmp_path, [PASSES], ci="true")
    assert code == pytest.ExitCode.OK


def _run(directory: Path, sources: list[str], *options: str, ci: str) -> tuple[int, str]:
    for number, source in enumerate(sources):
        (directory / f"test_{number}.py").write_text(source)
    done = subprocess.run(
        [*PYTEST, *options, directory],
        cwd=directory,
        env={**os.environ, "PYTHONPATH": str(REPOSITORY), "CI": ci, **LEAN},
        capture_output=True,
        text=True,
        check=False,
    )
    return done.returncode, done.stdout + done.stderr
