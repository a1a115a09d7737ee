"""The monolith becomes the modules of the marketplace in nine commits, and each is proved."""

from __future__ import annotations

import ast
import json
import os
import subprocess
import sys
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from tests import catalog
from tests.examples.shops import MARKETPLACE
from tests.examples.split import LEGACY_HEAD, STEPS, Split, split

if TYPE_CHECKING:
    import psycopg

pytestmark = pytest.mark.slow
Connect = Callable[[str], "psycopg.Connection[Any]"]
NUMBERS = range(1, len(STEPS) + 2)
LAST = len(STEPS) + 1
CLOSELY = (1, 5, LAST)
CHECKS = ("dependencies", "drift", "history", "moves", "structure")
USERS_INDEX = '        Index("uq_users_email_lower", sql("lower(email)"), unique=True),\n'
AUDIT = "from {}.audit import ArchivedAuditEvent, AuditEvent\n"
COLLEAGUES = "c0117a900001"
TOUCH = """
revision = "{id}"
down_revision = "{down}"


def upgrade() -> None:
    from alembic import op

    op.execute("ALTER TABLE users ALTER COLUMN locale SET DEFAULT 'en'")


def downgrade() -> None:
    pass
"""


@dataclass(frozen=True)
class Said:
    """How a command ended."""

    code: int
    out: str
    err: str

    @property
    def json(self) -> dict[str, Any]:
        """The document on stdout."""
        return dict(json.loads(self.out))


@dataclass(frozen=True)
class Told:
    """Runs commands in a project, each in a process of its own: the application's modules are all
    called `app`."""

    environ: dict[str, str]

    def __call__(self, made: Split, *arguments: str, program: str = "modalembic") -> Said:
        done = subprocess.run(
            [sys.executable, "-m", program, *arguments],
            cwd=made.root,
            env={**os.environ, **self.environ},
            capture_output=True,
            text=True,
            check=False,
        )
        return Said(done.returncode, done.stdout, done.stderr)


@pytest.fixture
def told(server_url: str, server_directory: Path) -> Told:
    # What one step's migrations make is what the next one's base makes.
    cache = server_directory / "split"
    return Told({"MODALEMBIC_SCRATCH_URL": server_url, "MODALEMBIC_CACHE_DIR": str(cache)})


@pytest.fixture(scope="module")
def whole(tmp_path_factory: pytest.TempPathFactory) -> Split:
    """All steps, each on a commit of its own: the tag of step n is `step-n`, the monolith's 0."""
    made = split(tmp_path_factory.mktemp("split") / "shop")
    for number in range(LAST):
        made.repo.git("tag", f"step-{number}")
        made.play(number)
    made.repo.git("tag", f"step-{LAST}")
    return made


def at(whole: Split, number: int) -> Split:
    """The repository after a step."""
    whole.repo.git("checkout", "--quiet", f"step-{number}")
    return whole


def moves_of(*numbers: int) -> list[dict[str, Any]]:
    """What `check` lists of steps: each table once, with both owners and both verdicts."""
    owners = {
        table: move.module
        for number in numbers
        if number <= len(STEPS)
        for move in STEPS[number - 1]
        for table in move.tables
    }
    return [
        {"table": table, "from": None, "to": owner, "identical": True, "ordered": True}
        for table, owner in sorted(owners.items())
    ]


@pytest.mark.parametrize("number", NUMBERS)
def test_every_check_passes_after_each_step(whole: Split, told: Told, number: int) -> None:
    # Postgres proves some of the moves one by one, and below all of them together.
    static = () if number in CLOSELY else ("--static",)
    arguments = ("check", *CHECKS, "--base", "HEAD~1", "--format", "json", *static)

    said = told(at(whole, number), *arguments)

    assert said.code == 0, said.out
    assert said.json["moves"] == moves_of(number)
    assert [each for each in said.json["findings"] if each["severity"] == "error"] == []


def test_all_steps_at_once_are_as_good(whole: Split, told: Told) -> None:
    said = told(at(whole, LAST), "check", "moves", "--base", "step-0", "--format", "json")

    assert (said.code, said.json["findings"]) == (0, [])
    assert said.json["moves"] == moves_of(*NUMBERS)
    assert len(said.json["moves"]) == 51


def test_a_database_goes_along_and_does_not_change(
    whole: Split, told: Told, database_url: str, connect_to: Connect
) -> None:
    connection = connect_to(database_url)
    upgrade = ("--database", database_url, "upgrade", "heads", "--format", "json")
    assert told(at(whole, 0), *upgrade).code == 0
    before = catalog.read(connection)
    assert len(before["tables"]) > len(moves_of(*NUMBERS))

    for number in NUMBERS:
        said = told(at(whole, number), *upgrade)
        started = {move.module for move in _step(number)}
        assert said.code == 0, said.err
        assert {each["module"] for each in said.json["applied"]} == started
        assert catalog.read(connection) == before


def _step(number: int) -> tuple[Any, ...]:
    return STEPS[number - 1] if number <= len(STEPS) else ()


@pytest.mark.parametrize("number", CLOSELY)
def test_the_application_and_its_own_tests_go_on(
    whole: Split, number: int, database_url: str
) -> None:
    run = Told({"DATABASE_URL": database_url})

    said = run(at(whole, number), "-q", "-p", "no:cacheprovider", program="pytest")

    assert said.code == 0, said.out
    assert " passed" in said.out
    assert "skipped" not in said.out


def test_the_models_are_where_the_marketplace_has_them(whole: Split) -> None:
    ours = _models(at(whole, LAST).root)

    assert ours == _models(MARKETPLACE.directory)
    assert len(ours) > len(STEPS)


def _models(root: Path) -> dict[str, list[str]]:
    """What each file of models defines."""
    files = sorted((root / "app").rglob("models/*.py"))
    return {
        path.relative_to(root).as_posix(): [
            node.name
            for node in ast.parse(path.read_text(encoding="utf-8")).body
            if isinstance(node, ast.ClassDef)
        ]
        for path in files
    }


@pytest.fixture
def begun(tmp_path: Path) -> Split:
    """The monolith, and its first step not yet committed: core takes over the users."""
    made = split(tmp_path / "shop")
    made.edit(0)
    return made


def test_an_index_that_got_lost_on_the_way_is_named(begun: Split, told: Told) -> None:
    begun.change("app/modules/core/models/user.py", (USERS_INDEX, ""))

    said = told(begun, "check", "moves", "--static", "--base", "HEAD", "--format", "json")

    [found] = said.json["findings"]
    assert (said.code, found["rule"]) == (1, "moves/changed")
    assert (found["object"], found["name"]) == ("index", "public.users.uq_users_email_lower")
    assert found["module"] == "core"
    assert found["path"].endswith("app/modules/core/models/user.py")


def test_a_model_that_nobody_imports_any_more_is_named(begun: Split, told: Told) -> None:
    """It lies beside the models of its module, and the old place does not re-export it."""
    audit = begun.root / "app/modules/core/models/audit.py"
    audit.rename(begun.root / "app/modules/core/audit_tables.py")
    (begun.root / "app/models/audit.py").unlink()
    begun.change("app/models/__init__.py", (AUDIT.format("app.models"), ""))
    inside = AUDIT.format("app.modules.core.models")
    begun.change("app/modules/core/models/__init__.py", (inside, ""))

    said = told(begun, "check", "moves", "--static", "--base", "HEAD", "--format", "json")

    found = {each["name"]: each for each in said.json["findings"]}
    assert set(found) == {"public.audit_events", "public.audit_events_archived"}
    assert {each["rule"] for each in found.values()} == {"moves/not-imported"}
    assert found["public.audit_events"]["path"].endswith("app/modules/core/audit_tables.py")


def test_what_the_old_history_does_besides_has_to_come_first(begun: Split, told: Told) -> None:
    """A colleague's revision in the old place, merged beside the move; the command that the check
    proposes mends it."""
    old = TOUCH.format(id=COLLEAGUES, down=LEGACY_HEAD)
    begun.write(f"migrations/versions/{COLLEAGUES}.py", old)

    said = told(begun, "check", "moves", "--base", "HEAD", "--format", "json")

    [found] = said.json["findings"]
    assert (said.code, found["rule"], found["module"]) == (1, "moves/unordered", "core")
    ordered = {move["table"]: move["ordered"] for move in said.json["moves"]}
    assert [table for table, is_ordered in ordered.items() if not is_ordered] == ["users"]
    command = "revision --transfer legacy --module core"
    assert command in found["fix"]

    mended = told(begun, *command.split(), "-m", "take over users")
    assert mended.code == 0, mended.err
    [path] = (begun.root / "app/modules/core/migrations/versions").glob("*take_over_users.py")
    assert "- users" in path.read_text(encoding="utf-8")
    again = told(begun, "check", "moves", "--base", "HEAD", "--format", "json")
    assert (again.code, again.json["findings"]) == (0, [])


def test_two_that_both_go_on_with_a_table_are_named(begun: Split, told: Told) -> None:
    """After the move, one in the old place and one in the new."""
    begun.repo.commit()
    core = begun.started["core"]
    old = TOUCH.format(id=COLLEAGUES, down=LEGACY_HEAD)
    begun.write(f"migrations/versions/{COLLEAGUES}.py", old)
    begun.write(
        "app/modules/core/migrations/versions/c0117a900002.py",
        TOUCH.format(id="c0117a900002", down=core),
    )

    said = told(begun, "check", "dependencies", "--format", "json")

    [found] = said.json["findings"]
    assert (said.code, found["rule"]) == (1, "dependencies/unordered-touch")
    assert found["name"] == "public.users"
    assert set(found["part"].split(", ")) == {COLLEAGUES, "c0117a900002"}
