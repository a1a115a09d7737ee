"""Whole tiny projects on disk, for tests.

    project = ProjectFiles(tmp_path / "shop").configure('modules = ["app/modules/*"]')
    project.module("billing", tier="core").revision("b1").revision("b2", down="b1")
    project.load().require_sound()

Every method that writes returns what it was called on. A module lies in `app/modules/NAME`, its
revision files in `migrations/versions` below; `at` and `versions` say otherwise.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from textwrap import dedent, indent
from typing import Self

from modalembic.config import Configuration, load_configuration
from modalembic.project import Project

GLOB = 'modules = ["app/modules/*"]'
Names = str | Sequence[str] | None


@dataclass
class ProjectFiles:
    """A project's directory. `cache` is where headers are cached when it is loaded from here."""

    root: Path
    cache: Path = field(init=False)

    def __post_init__(self) -> None:
        self.root.mkdir(parents=True, exist_ok=True)
        self.cache = self.root.parent / f"cache of {self.root.name}"

    def configure(self, text: str = GLOB, *, file: str = "pyproject.toml") -> Self:
        """The configuration; `text` is what stands below `[tool.modalembic]`."""
        head = "[tool.modalembic]\n" if file == "pyproject.toml" else ""
        return self.file(file, head + dedent(text))

    def file(self, path: str, text: str = "") -> Self:
        """A file below the project's directory, its text dedented."""
        target = self.root / path
        target.parent.mkdir(parents=True, exist_ok=True)
        target.write_text(dedent(text), encoding="utf-8")
        return self

    def module(self, name: str, *, at: str | None = None, **manifest: object) -> ModuleFiles:
        """A package in `app/modules/NAME` or `at`, with a manifest where `manifest` is given."""
        module = ModuleFiles(self, name, at or f"app/modules/{name}")
        self.file(f"{module.at}/__init__.py")
        if manifest:
            keywords = {"code": name, **manifest}
            given = ", ".join(f"{key}={value!r}" for key, value in keywords.items())
            module.file("definition.py", f"MODULE = ModuleDefinition({given})\n")
        return module

    def location(self, path: str, *, name: str = "core") -> ModuleFiles:
        """A version location that is no module's, such as a central history."""
        (self.root / path).mkdir(parents=True, exist_ok=True)
        return ModuleFiles(self, name, path, versions=".")

    @property
    def environ(self) -> dict[str, str]:
        """The environment in which to load the project."""
        return {"MODALEMBIC_CACHE_DIR": str(self.cache)}

    def load(self, environ: Mapping[str, str] | None = None) -> Project:
        return Project.load(self.root, environ={**self.environ, **(environ or {})})

    def configuration(self) -> Configuration:
        return load_configuration(self.root, environ=self.environ)


@dataclass
class ModuleFiles:
    """A module's directory `at`, below its project's."""

    project: ProjectFiles
    name: str
    at: str
    versions: str = "migrations/versions"

    @property
    def path(self) -> Path:
        return self.project.root / self.at

    def file(self, path: str, text: str = "") -> Self:
        """A file below the module's directory, its text dedented."""
        self.project.file(f"{self.at}/{path}", text)
        return self

    def revision_path(self, id_: str) -> Path:
        return self.path / self.versions / f"{id_}.py"

    def revision(
        self,
        id_: str,
        *,
        down: Names = None,
        depends_on: Names = None,
        labels: Names = None,
        upgrade: str = "pass",
        downgrade: str = "pass",
    ) -> Self:
        """A revision file `ID.py`, laid out as Alembic's template does; `upgrade` and `downgrade`
        are the bodies of the two functions. `revision = …` stands in line 6."""
        lines = [
            f'"""{id_} of {self.name}"""',
            "",
            "import sqlalchemy as sa",
            "from alembic import op",
            "",
            f"revision = {id_!r}",
            f"down_revision = {_literal(down)}",
            f"branch_labels = {_literal(labels)}",
            f"depends_on = {_literal(depends_on)}",
            "",
        ]
        for name, body in (("upgrade", upgrade), ("downgrade", downgrade)):
            lines += ["", f"def {name}() -> None:", indent(dedent(body).strip(), "    "), ""]
        return self.raw(f"{id_}.py", "\n".join(lines))

    def raw(self, name: str, text: str) -> Self:
        """A file in the version location, as it stands."""
        path = self.path / self.versions / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, encoding="utf-8")
        return self


def _literal(names: Names) -> str:
    return repr(names if names is None or isinstance(names, str) else tuple(names))


@dataclass(frozen=True)
class SitePackages:
    """A directory on `sys.path` with distributions that nobody installed."""

    path: Path

    def package(self, name: str, files: Mapping[str, str] | None = None) -> Self:
        """A package `name` (dotted for one below another) with `files` in it."""
        directory = self.path / name.replace(".", "/")
        for file, text in {"__init__.py": "", **(files or {})}.items():
            (directory / file).parent.mkdir(parents=True, exist_ok=True)
            (directory / file).write_text(dedent(text), encoding="utf-8")
        return self

    def distribution(self, name: str, entry_points: str = "", version: str = "1.0") -> Self:
        """A distribution's metadata with `entry_points` as in `entry_points.txt`."""
        directory = self.path / f"{name}-{version}.dist-info"
        directory.mkdir(parents=True, exist_ok=True)
        (directory / "METADATA").write_text(
            f"Metadata-Version: 2.1\nName: {name}\nVersion: {version}\n", encoding="utf-8"
        )
        (directory / "entry_points.txt").write_text(dedent(entry_points), encoding="utf-8")
        return self


@contextmanager
def read_only(directory: Path) -> Iterator[None]:
    """`directory` and all below it read-only while the block runs; root writes all the same."""
    modes = {path: path.stat().st_mode for path in (directory, *directory.rglob("*"))}
    for path, mode in modes.items():
        path.chmod(mode & ~0o222)
    try:
        yield
    finally:
        for path, mode in modes.items():
            path.chmod(mode)
