"""Planned changes: what they look like as a diff, and that they are applied whole or not at all."""

from __future__ import annotations

import os
import subprocess
from collections.abc import Sequence
from pathlib import Path

import pytest

from modalembic.authoring.changes import Change, ChangeSet
from modalembic.authoring.uncommitted import refuse_uncommitted
from modalembic.errors import UncommittedChanges, WriteFailed, WriteRefused
from tests.projects import read_only

OLD = "one\ntwo\nthree\n"
NEW = "one\n2\nthree\n"


def snapshot(root: Path) -> dict[str, tuple[bytes, int, int]]:
    """Every file below `root`, hidden ones too: content, mode and time."""
    return {
        path.relative_to(root).as_posix(): (
            path.read_bytes(),
            path.stat().st_mode,
            path.stat().st_mtime_ns,
        )
        for path in sorted(root.rglob("*"))
        if path.is_file()
    }


@pytest.fixture
def root(tmp_path: Path) -> Path:
    directory = tmp_path / "shop"
    (directory / "app").mkdir(parents=True)
    (directory / "app/old.py").write_text(OLD)
    (directory / "app/gone.py").write_text("x = 1")
    return directory


def everything(root: Path) -> ChangeSet:
    """One change of each kind."""
    return ChangeSet.of(
        root,
        [
            Change.of(root / "app/old.py", NEW),
            Change.of(root / "app/gone.py", None),
            Change.of(root / "app/new/deep/a.py", "a\n"),
            Change.of(root / "app/new/empty.py", ""),
            Change.of(root / "app/new/cut off.py", "no end"),
        ],
    )


def git(root: Path, *arguments: str, given: str = "") -> str:
    done = subprocess.run(
        ["git", "-c", "user.name=a", "-c", "user.email=a@b.c", *arguments],
        cwd=root,
        input=given,
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    return done.stdout


def test_the_diff_names_no_file_as_dev_null(root: Path) -> None:
    diff = everything(root).diff()
    assert "--- a/app/old.py\n+++ b/app/old.py\n@@ -1,3 +1,3 @@\n one\n-two\n+2\n" in diff
    assert "--- a/app/gone.py\n+++ /dev/null\n" in diff
    assert "--- /dev/null\n+++ b/app/new/deep/a.py\n" in diff
    assert "\\ No newline at end of file\n" in diff


def test_git_makes_of_the_diff_what_apply_makes(root: Path, tmp_path: Path) -> None:
    (root / "app/windows.py").write_bytes(b"a\r\nb\x0cc\r\nd")
    changes = everything(root)
    changes = ChangeSet(
        root, (*changes.changes, Change.of(root / "app/windows.py", "a\r\nB\x0cc\r\nd\r\n"))
    )
    other = tmp_path / "by git"
    subprocess.run(["cp", "-r", str(root), str(other)], check=True)
    git(other, "init", "--quiet")
    git(other, "apply", given=changes.diff())
    changes.apply()
    contents = [
        {name: content for name, (content, *_) in snapshot(tree).items() if ".git/" not in name}
        for tree in (root, other)
    ]
    assert contents[0] == contents[1]


def test_changes_that_change_nothing_are_left_out(root: Path) -> None:
    changes = ChangeSet.of(root, [Change.of(root / "app/old.py", OLD)])
    assert changes.changes == ()
    assert changes.diff() == ""
    assert changes.apply() == ()


def test_two_changes_to_one_file_are_a_mistake(root: Path) -> None:
    change = Change.of(root / "app/old.py", NEW)
    with pytest.raises(ValueError, match="two changes"):
        ChangeSet(root, (change, change))


def test_apply_says_which_files_are_there_and_leaves_nothing_beside_them(root: Path) -> None:
    written = everything(root).apply()
    assert [path.relative_to(root).as_posix() for path in written] == [
        "app/old.py",
        "app/new/deep/a.py",
        "app/new/empty.py",
        "app/new/cut off.py",
    ]
    assert set(snapshot(root)) == {path.relative_to(root).as_posix() for path in written}


def test_a_changed_file_keeps_its_mode_and_a_link_stays_a_link(root: Path) -> None:
    script, link = root / "run.py", root / "link.py"
    script.write_text(OLD)
    script.chmod(0o750)
    link.symlink_to("app/old.py")
    ChangeSet.of(root, [Change.of(script, NEW), Change.of(link, NEW)]).apply()
    assert script.stat().st_mode & 0o777 == 0o750
    assert link.is_symlink()
    assert (root / "app/old.py").read_text() == NEW


def test_bytes_that_are_no_utf_8_survive(root: Path) -> None:
    path = root / "app/latin.py"
    path.write_bytes(b"# -*- coding: latin-1 -*-\r\nname = 'caf\xe9'\r\n")
    change = Change.of(path, None)
    assert change.before is not None
    ChangeSet.of(root, [Change.of(path, change.before + "x = 1\r\n")]).apply()
    assert path.read_bytes() == b"# -*- coding: latin-1 -*-\r\nname = 'caf\xe9'\r\nx = 1\r\n"


def test_if_what_comes_then_fails_every_file_is_what_it_was(root: Path) -> None:
    before = snapshot(root)

    def fail(written: Sequence[Path]) -> None:
        assert all(path.is_file() for path in written)
        assert not (root / "app/gone.py").exists()
        (root / "app/old.py").write_text("a formatter was here")
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        everything(root).apply(then=fail)
    assert snapshot(root) == before
    assert not (root / "app/new").exists()


def test_if_the_system_fails_half_way_every_file_is_what_it_was(root: Path) -> None:
    before = snapshot(root)
    too_long = Change(root / "app" / ("x" * 300), None, "never")
    with pytest.raises(WriteFailed, match="undone"):
        ChangeSet(root, (*everything(root).changes, too_long)).apply()
    assert snapshot(root) == before
    assert not (root / "app/new").exists()


def test_a_file_that_was_changed_since_it_was_read_is_refused(root: Path) -> None:
    changes = everything(root)
    (root / "app/gone.py").write_text("x = 2")
    before = snapshot(root)
    with pytest.raises(WriteRefused, match="changed while"):
        changes.apply()
    assert snapshot(root) == before


def test_a_file_that_is_no_more_is_refused(root: Path) -> None:
    changes = everything(root)
    (root / "app/gone.py").unlink()
    with pytest.raises(WriteRefused, match=r"app/gone\.py was changed"):
        changes.apply()
    assert (root / "app/old.py").read_text() == OLD


def test_a_file_that_has_come_meanwhile_is_refused(root: Path) -> None:
    changes = everything(root)
    (root / "app/new").mkdir()
    (root / "app/new/empty.py").symlink_to("nowhere")
    with pytest.raises(WriteRefused, match=r"app/new/empty\.py is there already"):
        changes.apply()
    assert (root / "app/old.py").read_text() == OLD


def test_a_directory_that_is_a_file_is_refused(root: Path) -> None:
    changes = everything(root)
    (root / "app/new").write_text("")
    with pytest.raises(WriteRefused, match="app/new is not a directory"):
        changes.apply()


def test_a_read_only_tree_is_refused_for_root_too(root: Path) -> None:
    before = snapshot(root)
    changes = everything(root)
    with read_only(root), pytest.raises(WriteRefused, match="read-only") as caught:
        changes.apply()
    assert caught.value.path == root / "app/old.py"
    assert snapshot(root) == before


def test_a_read_only_file_in_a_writable_tree_is_refused(root: Path) -> None:
    (root / "app/gone.py").chmod(0o444)
    with pytest.raises(WriteRefused, match=r"app/gone\.py is read-only"):
        everything(root).apply()
    assert (root / "app/old.py").read_text() == OLD


def test_files_with_changes_that_git_does_not_have_are_refused(root: Path) -> None:
    git(root, "init", "--quiet")
    git(root, "add", "app/old.py")
    git(root, "commit", "--quiet", "-m", "x")
    refuse_uncommitted(root / "app", [root / "app/old.py"])
    with pytest.raises(UncommittedChanges, match=r"gone\.py has changes"):
        refuse_uncommitted(root, [root / "app/old.py", root / "app/gone.py"])
    (root / "app/old.py").write_text(NEW)
    with pytest.raises(UncommittedChanges, match=r"old\.py has changes"):
        refuse_uncommitted(root / "app", [root / "app/old.py"])


def test_without_a_repository_nothing_is_uncommitted(
    root: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    refuse_uncommitted(root, [root / "app/old.py"])
    monkeypatch.setenv("PATH", os.devnull)
    refuse_uncommitted(root, [root / "app/old.py"])
