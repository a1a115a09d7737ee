"""Whatever has run of a random history: without its version rows it is found again."""

from __future__ import annotations

from pathlib import Path
from random import Random

import pytest

from tests.runtime.match.generated import Generated
from tests.runtime.match.places import at, match, without_rows
from tests.runtime.support import done, modalembic, versions


def found_again(directory: Path, url: str, seed: int) -> None:
    """Run a part of a random history, and find it."""
    generated = Generated(directory, seed)
    project, random = generated.files, Random(seed)
    goals = random.sample(sorted(generated.parents), random.randint(1, 4))
    at(project, url, *goals)
    ran, rows = generated.ancestors(goals), versions(url)

    # With the rows it is found that they are right.
    document = done(match(project, url, "--dry-run", "--format", "json")).document
    assert set(document["after"]) == rows

    # Without them too, but for what leaves no trace: that is to be said.
    without_rows(url)
    document = match(project, url, "--dry-run", "--format", "json").document
    assert document["matches"], document
    said: list[str] = []
    for module in document["modules"]:
        if module["silent"]:
            own = [id_ for id_ in ran if generated.module_of[id_] == module["module"]]
            below = {id_ for each in own for id_ in generated.ancestors([each]) - {each}}
            said += sorted(set(own) - below) or [f"{module['module']}@base"]
    done(match(project, url, *(option for each in said for option in ("--at", each))))
    assert versions(url) == rows
    done(modalembic(project, "check", "drift", "--against", "live", url=url))
    done(modalembic(project, "upgrade", "heads", "--quiet", url=url))


@pytest.mark.parametrize("seed", range(6))
def test_what_has_run_is_found_again(tmp_path: Path, database_url: str, seed: int) -> None:
    found_again(tmp_path, database_url, seed)


@pytest.mark.soak
@pytest.mark.parametrize("seed", range(100, 300))
def test_what_has_run_is_found_again_in_many_histories(
    tmp_path: Path, database_url: str, seed: int
) -> None:
    found_again(tmp_path, database_url, seed)
