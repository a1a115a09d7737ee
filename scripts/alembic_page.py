"""Writes the tables of `docs/explanation/what-alembic-sees.md`, as the test of the page makes
them."""

import os
import subprocess
import sys
from pathlib import Path

done = subprocess.run(
    [sys.executable, "-m", "pytest", "-q", "-n", "0", "tests/checks/test_alembic_page.py"],
    cwd=Path(__file__).parents[1],
    env={**os.environ, "MODALEMBIC_WRITE_PAGES": "1"},
    check=False,
)
sys.exit(done.returncode)
