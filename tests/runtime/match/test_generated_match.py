"""Whatever has run of a random history: without its version rows it is found again."""

from __future__ import annotations

from pathlib import Path
from random import Random

import pytest

from tests.runtime.match.generated import Generated
from tests.runtime.match.places import at, match, without_rows
from tests.runtime.support import done, execute, fetch, modalembic, versions


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


DAMAGE = """
SELECT format('ALTER TABLE %s DROP COLUMN %I CASCADE', a.attrelid::regclass, a.attname)
  FROM pg_attribute a JOIN pg_class c ON c.oid = a.attrelid
 WHERE c.relkind = 'r' AND c.relname LIKE 't\\_%' AND a.attnum > 0 AND NOT a.attisdropped
UNION ALL
SELECT format('ALTER TABLE %s ADD COLUMN c_a01 text NOT NULL DEFAULT ''q''', c.oid::regclass)
  FROM pg_class c
 WHERE c.relkind = 'r' AND c.relname LIKE 't\\_%' AND NOT EXISTS (
       SELECT FROM pg_attribute a WHERE a.attrelid = c.oid AND a.attname = 'c_a01')
UNION ALL
SELECT format('DROP TABLE %s CASCADE', c.oid::regclass)
  FROM pg_class c WHERE c.relkind = 'r' AND c.relname LIKE 't\\_%'
UNION ALL
SELECT format('DROP INDEX %s', c.oid::regclass)
  FROM pg_class c WHERE c.relkind = 'i' AND c.relname LIKE 'ix\\_%'
ORDER BY 1
"""


def never_wrong(directory: Path, url: str, seed: int) -> None:
    """Damage a database at random: what is stamped then is proven, or nothing is."""
    generated = Generated(directory, seed)
    project, random = generated.files, Random(seed)
    at(project, url, *random.sample(sorted(generated.parents), 3))
    before = versions(url)
    for _ in range(random.randint(1, 3)):
        damages = [row[0] for row in fetch(url, DAMAGE)]
        if damages:
            execute(url, random.choice(damages))

    found = match(project, url, "--format", "json")

    if found.code == 0:
        assert versions(url) == set(found.document["after"])
        if versions(url):
            done(modalembic(project, "check", "drift", "--against", "live", url=url))
        return
    assert found.code == 1
    assert versions(url) == before
    document = found.document
    assert document["error"]["code"] in {"no-match", "match-unsettled"}
    wrong = [each for module in document["modules"] for each in module["differences"]]
    assert bool(wrong or document["elsewhere"]) is (document["error"]["code"] == "no-match")


@pytest.mark.parametrize("seed", range(3))
def test_what_is_not_proven_is_not_stamped(tmp_path: Path, database_url: str, seed: int) -> None:
    never_wrong(tmp_path, database_url, seed)


@pytest.mark.soak
@pytest.mark.parametrize("seed", range(100, 300))
def test_what_is_not_proven_is_not_stamped_in_many_histories(
    tmp_path: Path, database_url: str, seed: int
) -> None:
    never_wrong(tmp_path, database_url, seed)


@pytest.mark.parametrize("seed", range(4))
def test_what_has_run_is_found_again(tmp_path: Path, database_url: str, seed: int) -> None:
    found_again(tmp_path, database_url, seed)


@pytest.mark.soak
@pytest.mark.parametrize("seed", range(100, 300))
def test_what_has_run_is_found_again_in_many_histories(
    tmp_path: Path, database_url: str, seed: int
) -> None:
    found_again(tmp_path, database_url, seed)
