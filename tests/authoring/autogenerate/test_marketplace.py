"""The marketplace, with dozens of changes to its models at once."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from tests.checks.market import MARKETPLACE, edited
from tests.checks.model_changes import EDITS

# No revision can make these, which is said; or they make others impossible.
LEFT_TO_PEOPLE = (
    "extra label",
    "of a label",
    "of labels",
    "enum: name",
    "partitioning",
    "domain: type",
)


def change(root: Path) -> list[str]:
    """Make all edits that do not get in each other's way; which."""
    done = []
    for edit in EDITS:
        if any(word in edit.about for word in LEFT_TO_PEOPLE):
            continue
        path = root / edit.path
        text = path.read_text(encoding="utf-8")
        if all(text.count(old) == 1 for old, _ in edit.edits):
            path.write_text(edited(text, edit.edits), encoding="utf-8")
            done.append(edit.about)
    return done


@pytest.mark.slow
def test_every_module_gets_what_changed_in_it(tmp_path: Path, server_url: str) -> None:
    ignored = shutil.ignore_patterns("__pycache__", ".modalembic")
    root = Path(shutil.copytree(MARKETPLACE, tmp_path / "marketplace", ignore=ignored))
    environ = {
        **os.environ,
        "MODALEMBIC_SCRATCH_URL": server_url,
        "MODALEMBIC_CACHE_DIR": str(tmp_path / "cache"),
        "PYTHONDONTWRITEBYTECODE": "1",
    }

    def called(*arguments: str) -> dict[str, Any]:
        command = [sys.executable, "-m", "modalembic", "--format", "json", *arguments]
        result = subprocess.run(
            command, cwd=root, env=environ, capture_output=True, text=True, check=False
        )
        document: dict[str, Any] = json.loads(result.stdout)
        assert "error" not in document, document
        return document

    before = called("revision", "--autogenerate", "-m", "Nothing")
    assert (before["revisions"], before["files"]) == ([], [])
    assert len(change(root)) >= 20
    made = called("revision", "--autogenerate", "-m", "Change much", "--no-rename")
    modules = {each["module"] for each in made["revisions"]}
    assert len(modules) >= 5
    assert made["left"] == []
    findings = called("check", "drift", "dependencies", "history")["findings"]
    assert [each for each in findings if each["severity"] != "info"] == []
    paths = [each["path"] for each in made["revisions"]]
    ruff = [sys.executable, "-m", "ruff", "format", "--check", *paths]
    assert subprocess.run(ruff, cwd=root, check=False).returncode == 0
