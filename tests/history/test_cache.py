from __future__ import annotations

import json
import os
import pickle
import subprocess
import sys
import time
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import pytest

from modalembic.history import computed, header
from modalembic.history.cache import cache_file
from modalembic.history.revision import Header
from tests.projects import ModuleFiles, ProjectFiles, SitePackages, read_only


@pytest.fixture
def billing(project: ProjectFiles) -> ModuleFiles:
    return project.module("billing").revision("b1").revision("b2", down="b1")


@pytest.fixture
def parsed(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """The names of the files whose headers are read from their source."""
    names: list[str] = []
    real: Callable[[bytes, str], Header] = header.read_header

    def counted(source: bytes, path: str) -> Header:
        names.append(Path(path).name)
        return real(source, path)

    monkeypatch.setattr("modalembic.history.index.read_header", counted)
    return names


def ids(project: ProjectFiles) -> list[str]:
    loaded = project.load()
    loaded.require_sound()
    return list(loaded.graph.revisions)


def the_file(project: ProjectFiles) -> Path:
    (file,) = project.cache.iterdir()
    return file


def age(path: Path, seconds: float) -> None:
    then = time.time() - seconds
    os.utime(path, (then, then))


def test_a_file_is_read_once(
    project: ProjectFiles, billing: ModuleFiles, parsed: list[str]
) -> None:
    assert ids(project) == ["b1", "b2"]
    assert parsed == ["b1.py", "b2.py"]
    assert ids(project) == ["b1", "b2"]
    assert parsed == ["b1.py", "b2.py"]


def test_it_is_json(project: ProjectFiles, billing: ModuleFiles) -> None:
    ids(project)
    document = json.loads(the_file(project).read_text())
    assert set(document["files"]) == {str(billing.revision_path(id_)) for id_ in ("b1", "b2")}


def test_a_file_that_changed_is_read_again(
    project: ProjectFiles, billing: ModuleFiles, parsed: list[str]
) -> None:
    ids(project)
    billing.revision("b2", down="b1", labels="more")
    assert project.load().graph.labels == {"billing": "b1", "more": "b2"}
    assert parsed == ["b1.py", "b2.py", "b2.py"]


def test_a_file_that_is_gone_leaves_the_cache(project: ProjectFiles, billing: ModuleFiles) -> None:
    ids(project)
    billing.revision_path("b2").unlink()
    assert ids(project) == ["b1"]
    assert len(json.loads(the_file(project).read_text())["files"]) == 1


def test_the_change_time_tells_of_a_change_that_keeps_size_and_modification_time(
    project: ProjectFiles, billing: ModuleFiles
) -> None:
    path = billing.revision_path("b2")
    age(path, 3600)
    ids(project)
    before = path.stat()
    path.write_text(path.read_text().replace("b2", "b9"))
    os.utime(path, ns=(before.st_atime_ns, before.st_mtime_ns))
    assert path.stat().st_mtime_ns == before.st_mtime_ns
    assert ids(project) == ["b1", "b9"]


def test_a_change_within_the_clocks_grain_is_seen_by_its_content(
    project: ProjectFiles, billing: ModuleFiles
) -> None:
    """As if the file had been written again in the same tick of the clock: nothing differs but the
    content."""
    ids(project)
    path = billing.revision_path("b2")
    document = json.loads(the_file(project).read_text())
    row = document["files"][str(path)]
    path.write_text(path.read_text().replace("b2", "b9"))
    stat = path.stat()
    row[:4] = [stat.st_size, stat.st_mtime_ns, stat.st_ctime_ns, stat.st_ino]
    the_file(project).write_text(json.dumps(document))
    assert ids(project) == ["b1", "b9"]


def test_a_header_goes_with_the_content_that_it_was_read_from(
    project: ProjectFiles, billing: ModuleFiles, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The file changes after it was read and before the cache is written, in one tick."""
    path = billing.revision_path("b2")
    before = path.stat()
    real = header.read_header

    def read_and_change(source: bytes, name: str) -> Header:
        found = real(source, name)
        if name == str(path) and b"b2" in source:
            path.write_bytes(source.replace(b"b2", b"b9"))
        return found

    monkeypatch.setattr("modalembic.history.index.read_header", read_and_change)
    assert ids(project) == ["b1", "b2"]
    document = json.loads(the_file(project).read_text())
    stat = path.stat()
    assert document["files"][str(path)][0] == before.st_size == stat.st_size
    document["files"][str(path)][1:3] = [stat.st_mtime_ns, stat.st_ctime_ns]
    the_file(project).write_text(json.dumps(document))
    assert ids(project) == ["b1", "b9"]


def test_an_old_file_needs_no_look_at_its_content(
    project: ProjectFiles, billing: ModuleFiles, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("modalembic.history.cache._RACY_NS", 0)
    ids(project)
    rows = json.loads(the_file(project).read_text())["files"].values()
    assert [row[4] for row in rows] == [None, None]


def test_a_hash_goes_once_the_file_is_old(
    project: ProjectFiles, billing: ModuleFiles, monkeypatch: pytest.MonkeyPatch
) -> None:
    ids(project)
    assert all(row[4] for row in json.loads(the_file(project).read_text())["files"].values())
    monkeypatch.setattr("modalembic.history.cache._RACY_NS", 0)
    ids(project)
    assert not any(row[4] for row in json.loads(the_file(project).read_text())["files"].values())


ROW: list[Any] = [1, 2, 3, 4, None, None, "b1", [], [], [], "", 1]


@pytest.mark.parametrize(
    "damage",
    [
        b"",
        b"{",
        b"null",
        b"[]",
        b"7",
        b'"format"',
        b'{"format": 1}',
        b'{"format": 1, "files": []}',
        b'{"format": 1, "files": {"x": null}}',
        b'{"format": 999, "files": {}}',
        b'{"format": ' + b"9" * 5000 + b"}",
        b"[" * 100_000,
        b"\xff\xfe\x00",
        *(
            json.dumps({"format": 1, "files": {"x": row}}).encode()
            for row in (
                [],
                "twelve chars",
                [*ROW[:6], 5, *ROW[7:]],
                [True, *ROW[1:]],
                [*ROW[:7], "b0", *ROW[8:]],
                [*ROW[:7], [["b0"]], *ROW[8:]],
                [*ROW[:11], "1"],
                [*ROW, 1],
            )
        ),
    ],
)
def test_a_damaged_one_does_no_harm(
    project: ProjectFiles, billing: ModuleFiles, damage: bytes
) -> None:
    ids(project)
    the_file(project).write_bytes(damage)
    assert ids(project) == ["b1", "b2"]
    assert len(json.loads(the_file(project).read_text())["files"]) == 2


def test_a_truncated_one_does_no_harm(project: ProjectFiles, billing: ModuleFiles) -> None:
    ids(project)
    whole = the_file(project).read_bytes()
    for length in range(0, len(whole), 17):
        the_file(project).write_bytes(whole[:length])
        assert ids(project) == ["b1", "b2"]


def test_paths_of_other_files_in_it_mean_nothing(
    project: ProjectFiles, billing: ModuleFiles
) -> None:
    ids(project)
    document = json.loads(the_file(project).read_text())
    document["files"] = {
        path: row
        for path in ("/", "../../etc/passwd", "\0", "\ud800", "x" * 5000)
        for row in document["files"].values()
    }
    the_file(project).write_text(json.dumps(document))
    assert ids(project) == ["b1", "b2"]


def poison(project: ProjectFiles) -> bytes:
    """What the cache says, with another id in it."""
    document = json.loads(the_file(project).read_text())
    files = document["files"]
    document["files"] = {
        path: ["evil" if value == "b2" else value for value in row] for path, row in files.items()
    }
    return json.dumps(document).encode()


def test_the_poison_works(project: ProjectFiles, billing: ModuleFiles) -> None:
    """Or else it would prove nothing in the tests below."""
    ids(project)
    the_file(project).write_bytes(poison(project))
    assert ids(project) == ["b1", "evil"]


@pytest.mark.parametrize("mode", [0o666, 0o660, 0o602, 0o620])
def test_one_that_others_may_write_is_not_believed(
    project: ProjectFiles, billing: ModuleFiles, parsed: list[str], mode: int
) -> None:
    ids(project)
    the_file(project).write_bytes(poison(project))
    the_file(project).chmod(mode)
    assert ids(project) == ["b1", "b2"]
    assert parsed == ["b1.py", "b2.py"] * 2
    ids(project)
    assert parsed == ["b1.py", "b2.py"] * 2


@pytest.mark.skipif(os.geteuid() != 0, reason="only root can make a file of another user")
def test_one_of_another_user_is_not_believed(project: ProjectFiles, billing: ModuleFiles) -> None:
    ids(project)
    the_file(project).write_bytes(poison(project))
    the_file(project).chmod(0o644)
    os.chown(the_file(project), 65534, 65534)
    assert ids(project) == ["b1", "b2"]


def test_one_that_is_a_link_is_not_followed(
    project: ProjectFiles, billing: ModuleFiles, tmp_path: Path
) -> None:
    ids(project)
    file, elsewhere = the_file(project), tmp_path / "planted.json"
    elsewhere.write_bytes(poison(project))
    file.unlink()
    file.symlink_to(elsewhere)
    assert ids(project) == ["b1", "b2"]
    assert b"evil" in elsewhere.read_bytes()


def test_a_pipe_in_its_place_is_not_waited_for(project: ProjectFiles, billing: ModuleFiles) -> None:
    ids(project)
    file = the_file(project)
    file.unlink()
    os.mkfifo(file)
    assert ids(project) == ["b1", "b2"]


def test_a_pickle_in_its_place_is_not_run(
    project: ProjectFiles, billing: ModuleFiles, tmp_path: Path
) -> None:
    ids(project)

    class Bomb:
        def __reduce__(self) -> tuple[object, ...]:
            return os.system, (f"touch {tmp_path / 'trace'}",)

    the_file(project).write_bytes(pickle.dumps(Bomb()))
    assert ids(project) == ["b1", "b2"]
    assert not (tmp_path / "trace").exists()


def test_it_may_be_deleted_at_any_time(project: ProjectFiles, billing: ModuleFiles) -> None:
    ids(project)
    the_file(project).unlink()
    project.cache.rmdir()
    assert ids(project) == ["b1", "b2"]


def test_where_it_cannot_be_written_the_files_are_read(
    project: ProjectFiles, billing: ModuleFiles
) -> None:
    project.cache.write_text("a file where the directory should be")
    assert ids(project) == ["b1", "b2"]
    assert ids(project) == ["b1", "b2"]


def test_a_directory_where_it_may_not_be_written_is_left_alone(
    project: ProjectFiles, billing: ModuleFiles, monkeypatch: pytest.MonkeyPatch
) -> None:
    def refuse(**_: Any) -> None:
        raise PermissionError(13, "Permission denied")

    monkeypatch.setattr("tempfile.mkstemp", refuse)
    assert ids(project) == ["b1", "b2"]
    assert not list(project.cache.iterdir())


def test_a_write_that_fails_leaves_nothing_behind(
    project: ProjectFiles, billing: ModuleFiles, monkeypatch: pytest.MonkeyPatch
) -> None:
    def full(*_: Any) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(Path, "replace", full)
    assert ids(project) == ["b1", "b2"]
    assert not list(project.cache.iterdir())


def test_nothing_is_written_into_the_project(project: ProjectFiles, billing: ModuleFiles) -> None:
    before = sorted(project.root.rglob("*"))
    with read_only(project.root):
        assert ids(project) == ["b1", "b2"]
    assert sorted(project.root.rglob("*")) == before


def test_two_projects_do_not_share_it(tmp_path: Path, project: ProjectFiles) -> None:
    other = ProjectFiles(tmp_path / "other").configure()
    other.cache = project.cache
    project.module("billing").revision("b1")
    other.module("billing").revision("c1")
    assert (ids(project), ids(other)) == (["b1"], ["c1"])
    assert len(list(project.cache.iterdir())) == 2
    assert (ids(project), ids(other)) == (["b1"], ["c1"])


def test_parallel_processes_each_find_a_whole_one(
    project: ProjectFiles, billing: ModuleFiles
) -> None:
    for number in range(3, 60):
        billing.revision(f"b{number}", down=f"b{number - 1}")
    program = (
        "import sys\n"
        "from modalembic.project import Project\n"
        "for _ in range(10):\n"
        "    project = Project.load(sys.argv[1])\n"
        "    assert len(project.graph.revisions) == 59 and not project.problems\n"
    )
    environ = {**os.environ, **project.environ, "PYTHONPATH": os.pathsep.join(sys.path)}
    runs = [
        subprocess.Popen([sys.executable, "-c", program, str(project.root)], env=environ)
        for _ in range(4)
    ]
    assert [run.wait(60) for run in runs] == [0, 0, 0, 0]
    assert [file.name for file in project.cache.iterdir()] == [the_file(project).name]


def test_it_lies_in_the_users_cache_directory(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "xdg"))
    file = cache_file(tmp_path, None)
    assert file is not None
    assert file.parent == tmp_path / "xdg" / "modalembic"
    monkeypatch.delenv("XDG_CACHE_HOME")
    monkeypatch.setenv("HOME", str(tmp_path / "home"))
    file = cache_file(tmp_path, None)
    assert file is not None
    assert file.parent == tmp_path / "home" / ".cache" / "modalembic"


@pytest.fixture
def imported(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """The names of the files that are imported for their headers."""
    names: list[str] = []
    real = computed.import_header

    def counted(path: str, search: Sequence[Path]) -> Header:
        names.append(Path(path).name)
        return real(path, search)

    monkeypatch.setattr("modalembic.history.index.import_header", counted)
    return names


@pytest.mark.parametrize(
    "imports",
    [
        "from deps_of_shop.billing import DEP",
        "import deps_of_shop.billing\n\nDEP = deps_of_shop.billing.DEP",
        "def found():\n    from deps_of_shop.billing import DEP\n    return DEP\n\nDEP = found()",
    ],
    ids=["from", "import", "inside a function"],
)
def test_a_header_computed_from_the_projects_own_code_is_never_kept(
    project: ProjectFiles, billing: ModuleFiles, imported: list[str], imports: str
) -> None:
    project.module("core").revision("c1").revision("c2", down="c1")
    header_lines = 'revision = "b3"\ndown_revision = "b2"\ndepends_on = DEP\n'
    billing.raw("b3.py", f"{imports}\n\n{header_lines}")

    def needed(dep: str) -> tuple[str, ...]:
        project.file("deps_of_shop/__init__.py").file("deps_of_shop/billing.py", f"DEP = {dep}\n")
        try:
            return project.load().graph.revisions["b3"].depends_on
        finally:
            for name in [name for name in sys.modules if name.startswith("deps_of_shop")]:
                del sys.modules[name]

    assert needed("'c1'") == ("c1",)
    assert needed("('c1', 'c2')") == ("c1", "c2")
    assert needed("None") == ()
    assert imported == ["b3.py"] * 3
    assert not any(path.endswith("b3.py") for path in _kept(project))


def test_a_header_computed_from_the_projects_own_code_is_told_of_each_time(
    project: ProjectFiles, billing: ModuleFiles, monkeypatch: pytest.MonkeyPatch
) -> None:
    project.module("core").revision("c1")
    project.file("deps_of_till.py", 'DEP = "c1"\n')
    billing.raw(
        "b3.py",
        'from deps_of_till import DEP\n\nrevision = "b3"\ndown_revision = "b2"\ndepends_on = DEP\n',
    )
    first = project.load().index.warnings
    assert project.load().index.warnings == first
    monkeypatch.delitem(sys.modules, "deps_of_till")


def test_a_header_computed_from_installed_packages_only_is_kept(
    project: ProjectFiles,
    billing: ModuleFiles,
    imported: list[str],
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    site = SitePackages(tmp_path / "site").distribution("deps-of-others")
    site.package("deps_of_others", {"__init__.py": 'DEP = "c1"\n'})
    monkeypatch.syspath_prepend(site.path)
    project.module("core").revision("c1")
    billing.raw(
        "b3.py",
        "from deps_of_others import DEP\n\n"
        'revision = "b3"\ndown_revision = "b2"\ndepends_on = DEP\n',
    )
    for _ in range(2):
        assert project.load().graph.revisions["b3"].depends_on == ("c1",)
    assert imported == ["b3.py"]
    assert str(billing.revision_path("b3")) in _kept(project)
    monkeypatch.delitem(sys.modules, "deps_of_others")


def _kept(project: ProjectFiles) -> set[str]:
    return set(json.loads(the_file(project).read_text())["files"])
