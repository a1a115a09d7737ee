"""From any models to any others: what is written leads there, and `check` has nothing to say."""

from __future__ import annotations

from pathlib import Path

import pytest

from modalembic.authoring.autogenerate.renames import Wanted
from modalembic.checks.dependencies import check_dependencies
from modalembic.checks.history import check_history
from tests.authoring.autogenerate.random_models import MODULES, drawn
from tests.authoring.autogenerate.shops import shop


@pytest.mark.slow
@pytest.mark.parametrize("seed", range(6))
def test_one_set_of_models_becomes_another(tmp_path: Path, server_url: str, seed: int) -> None:
    files = shop(tmp_path / "shop", server_url, *MODULES)
    for state in (1, 2):
        planned = files.models(**drawn(seed, state)).generated(renames=Wanted(no_others=True))
        assert planned.left == ()
        assert files.drift() == []
        assert files.planned().revisions == ()
    project = files.files.load()
    assert [*check_history(project)] == []
    assert [*check_dependencies(project)] == []
