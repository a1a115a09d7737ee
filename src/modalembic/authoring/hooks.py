"""The project's own formatters, run on what a command has written: Alembic's `post_write_hooks`."""

from __future__ import annotations

import os
import sys
from collections.abc import Iterable, Iterator
from contextlib import contextmanager, redirect_stdout
from pathlib import Path
from typing import Any

from modalembic.authoring.alembic_config import alembic_config
from modalembic.errors import ConfigurationError, HookFailed
from modalembic.project import Project

_PYTHON = (".py", ".pyi")


def hook_names(project: Project) -> tuple[str, ...]:
    """The names of the hooks that `run_hooks` runs, in order."""
    return tuple(hook["_hook_name"] for hook in _hooks(project))


def run_hooks(project: Project, files: Iterable[Path]) -> None:
    """Run each hook on each of `files` that is Python, as Alembic does for a new revision: what a
    formatter prints goes to stderr, and its exit code is its own business.

    `post_write_hooks` in the configuration says which (all of Alembic's by default). Raises
    HookFailed where a hook cannot be run at all, ConfigurationError where there is none of a name.
    """
    hooks = _hooks(project)
    if not hooks:
        return
    from alembic.script import write_hooks
    from alembic.util import CommandError

    for file in files:
        if file.suffix not in _PYTHON:
            continue
        try:
            with _stdout_to_stderr():
                write_hooks._run_hooks(str(file), hooks)  # noqa: SLF001 - there is no public one
        except (CommandError, OSError) as error:
            raise HookFailed(
                f"a hook in post_write_hooks cannot be run: {error}; nothing was written",
                hint="correct it in Alembic's configuration, or say in [tool.modalembic] which to "
                "run: post_write_hooks = []",
                path=project.alembic.ini or project.alembic.toml,
            ) from error


def _hooks(project: Project) -> list[Any]:
    configuration = project.configuration
    names = configuration.post_write_hooks
    if names == () or (project.alembic.ini is None and project.alembic.toml is None):
        return []
    known: dict[str, Any] = {
        hook["_hook_name"]: hook for hook in alembic_config(project).get_hooks_list()
    }
    unknown = [name for name in names or () if name not in known]
    if unknown:
        raise ConfigurationError(
            f"post_write_hooks: Alembic's configuration has no hook {unknown[0]!r}",
            hint=f"it has {', '.join(known) or 'none'}",
            path=configuration.file,
            line=configuration.line_of("post_write_hooks"),
        )
    return list(known.values()) if names is None else [known[name] for name in names]


@contextmanager
def _stdout_to_stderr() -> Iterator[None]:
    """Also for the programs that are started in the block: stdout carries the result alone."""
    sys.stdout.flush()
    kept = os.dup(1)
    os.dup2(2, 1)
    try:
        with redirect_stdout(sys.stderr):
            yield
    finally:
        os.dup2(kept, 1)
        os.close(kept)
