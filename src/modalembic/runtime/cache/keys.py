"""What the catalogs depend on that is known without making them."""

from __future__ import annotations

import os
from collections.abc import Collection, Mapping
from dataclasses import fields, is_dataclass
from functools import cache
from hashlib import sha256
from pathlib import Path
from typing import Any

import modalembic
from modalembic.config.toml import read_toml
from modalembic.history.computed import environment_fingerprint
from modalembic.history.revision import Revision
from modalembic.project import Project
from modalembic.runtime.cache.store import digest_of
from modalembic.runtime.environment.file import environment_file
from modalembic.runtime.scratch_driver import scratch_driver

# Where something runs, and what is done with it later, does not change what migrations make.
_BESIDE = frozenset(
    {
        "root",
        "file",
        "line",
        "database",
        "environment_database",
        "migration_database",
        "environment_migration_database",
        "scratch",
        "environment_scratch",
        "embedded_data",
        "embedded_programs",
        "container_image",
        "cache_directory",
        "drift_cache",
        "drift_compares",
        "drift_ignores",
        "new_module",
        "owners",
        "post_write_hooks",
        "lock_wait",
        "lock_timeout",
        "statement_timeout",
        "retries",
        "timeout",
        "allow_pooler",
        "allow_orphans",
        "allow_links",
    }
)
# What libpq and Postgres take from the environment of a session.
_SESSION = ("PGOPTIONS", "PGTZ", "PGDATESTYLE", "PGCLIENTENCODING", "PGGEQO", "TZ")


def migrations_key(project: Project, goals: Collection[str], server: str) -> str:
    """The key of what `goals` and all that they need make on the server with the identity
    `server`. Raises EnvironmentFailed where `env.py` is missing, OSError where a file is."""
    return digest_of([base_key(server), _project(project), _history(project, goals)])


def base_key(server: str) -> str:
    """What everything depends on: modalembic and all that is installed beside it, the server, and
    the settings of a session."""
    settings = {name: os.environ.get(name) for name in _SESSION}
    return digest_of([_own_source(), _installed(), server, settings])


_installed = cache(environment_fingerprint)


@cache
def _own_source() -> str:
    """A digest of modalembic's own code, as far as catalogs are made by it."""
    package = Path(modalembic.__file__).parent
    found = sha256()
    for room in ("postgres", "runtime"):
        for file in sorted((package / room).rglob("*.py")):
            found.update(f"{file.relative_to(package).as_posix()}\0".encode())
            found.update(file.read_bytes())
    return found.hexdigest()


def _project(project: Project) -> Any:
    configuration, alembic = project.configuration, project.alembic
    env = environment_file(project)
    ini, toml = alembic.ini, alembic.toml
    return {
        "configuration": plain(configuration),
        "driver": scratch_driver(project),
        # The one of a template is wherever modalembic is.
        "env": [env.is_relative_to(project.root) and _relative(project, env), content(env)],
        # Of a pyproject.toml Alembic reads its own table alone.
        "ini": content(ini) if ini is not None else None,
        "toml": plain(read_toml(toml).get("tool", {}).get("alembic")) if toml is not None else None,
        "search": [_relative(project, path) for path in project.search],
        "modules": [
            [module.name, module.package, plain(module.models), _relative(project, module.location)]
            for module in project.modules
        ],
    }


def _history(project: Project, goals: Collection[str]) -> Any:
    graph = project.graph
    needed = sorted({*goals, *graph.ancestors(goals)})
    return [sorted(goals), [_revision(project, graph.revisions[id_]) for id_ in needed]]


def _revision(project: Project, revision: Revision) -> Any:
    path = Path(revision.path)
    said = revision._replace(path=_relative(project, path) or "")
    return [plain(said), content(path)]


def content(file: Path) -> str:
    """The digest of a file."""
    return sha256(file.read_bytes()).hexdigest()


def plain(value: Any) -> Any:
    """A value of the configuration as JSON can say it, without what lies beside the matter."""
    if is_dataclass(value):
        return {
            field.name: plain(getattr(value, field.name))
            for field in fields(value)
            if field.name not in _BESIDE
        }
    if isinstance(value, Mapping):
        return {str(key): plain(item) for key, item in value.items()}
    if isinstance(value, set | frozenset):
        return sorted(map(str, value))
    if isinstance(value, list | tuple):
        return [plain(item) for item in value]
    return value if isinstance(value, str | int | float | bool | None) else str(value)


def _relative(project: Project, path: Path | str | None) -> str | None:
    return None if path is None else os.path.relpath(path, project.root)
