"""Asking interpreters what comes of importing a project: one for each question, in which nothing of
the project has been imported before.

Most of the time such an interpreter would load libraries. So one process loads those that the
project uses, nothing of the project itself, and is forked for each question. What a fork complains
of is asked again of an interpreter of its own, and so is everything where there is no safe fork.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
import tempfile
from collections.abc import Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from modalembic.authoring.move.relocations import Place
from modalembic.project import Project

# On macOS a process that has used the system's frameworks cannot be forked safely.
_FORKS = hasattr(os, "fork") and sys.platform != "darwin"


@dataclass(frozen=True)
class Question:
    """What an interpreter is asked: to import a module (None: nothing) before all others, and then
    `models`. `firsts` are such modules, each a question by itself.

    `pairs` are places that have to be one object, `names` what may be a task; `libraries` are the
    modules of others that are loaded anyway (None: to be told).
    """

    firsts: tuple[str | None, ...]
    models: tuple[str, ...]
    pairs: tuple[tuple[Place, Place], ...] = ()
    names: tuple[Place, ...] = ()
    libraries: tuple[str, ...] | None = ()

    def about(self, first: str | None) -> Question:
        """The question about one module, for an interpreter of its own."""
        return Question((first,), self.models, self.pairs, self.names)


@dataclass(frozen=True)
class Failure:
    """Why a module could not be imported. `circle` are the modules that import each other."""

    type: str
    message: str
    path: Path | None
    line: int | None
    circle: tuple[str, ...]

    def __str__(self) -> str:
        said = self.message.partition("\n")[0]
        return f"{self.type}: {said}" if said else self.type


@dataclass(frozen=True)
class Answer:
    """What came of it: a failure, or what was found."""

    failure: Failure | None
    found: Mapping[str, Any]

    @property
    def tasks(self) -> dict[Place, str]:
        """The names by which Celery knows tasks."""
        found: dict[Place, str] = {}
        for dotted, name in self.found.get("tasks", {}).items():
            module, _, attribute = dotted.partition(":")
            found[Place(module, attribute)] = name
        return found

    @property
    def registered(self) -> frozenset[str]:
        """The names of all tasks, wherever they are."""
        return frozenset(self.found.get("registered", ()))

    @property
    def libraries(self) -> tuple[str, ...]:
        """The modules of others that were loaded, in their order."""
        return tuple(self.found.get("libraries", ()))


def ask(project: Project, root: Path, question: Question) -> Answer:
    """The answer of a fresh interpreter to a question about one module (the first of `firsts`), for
    the project whose files are at `root`: its own place, or where it is laid out."""
    (first,) = question.firsts
    found, said = _run(project, root, question)
    if first in found:
        return found[first]
    return Answer(Failure("the interpreter ended", said, None, None, ()), {})


def ask_forks(project: Project, root: Path, question: Question) -> dict[str | None, Answer]:
    """The answers about all of `firsts`, as far as forks gave one."""
    return _run(project, root, question)[0] if _FORKS else {}


def ask_each(
    project: Project, root: Path, question: Question, firsts: Sequence[str | None]
) -> dict[str | None, Answer]:
    """The answers of an interpreter for each of `firsts`."""
    with ThreadPoolExecutor(os.cpu_count() or 1) as pool:
        answers = pool.map(lambda first: ask(project, root, question.about(first)), firsts)
        return dict(zip(firsts, answers, strict=True))


def _run(project: Project, root: Path, question: Question) -> tuple[dict[str | None, Answer], str]:
    """The answers that a process gave, and the last line that it said on stderr."""
    with tempfile.TemporaryDirectory(prefix="modalembic-probe-") as directory:
        asked = Path(directory, "question.json")
        asked.write_text(json.dumps(_document(project, root, question)), encoding="utf-8")
        done = subprocess.run(
            [sys.executable, "-P", "-m", "modalembic.authoring.move.probe", asked],
            cwd=root,
            env={**os.environ, "PYTHONDONTWRITEBYTECODE": "1"},
            stdin=subprocess.DEVNULL,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.PIPE,
            check=False,
        )
        said = os.fsdecode(done.stderr).strip().splitlines()
        answers = {
            question.firsts[number]: _answer(document, project, root)
            for number, document in _documents(Path(directory), len(question.firsts)).items()
        }
        return answers, said[-1] if said else ""


def _documents(directory: Path, count: int) -> dict[int, Any]:
    """What was written about each module by its number, as far as it was."""
    files = {number: directory / f"{number}.json" for number in range(count)}
    written = {
        number: json.loads(file.read_text(encoding="utf-8"))
        for number, file in files.items()
        if file.is_file()
    }
    same = {number: each.get("same as", number) for number, each in written.items()}
    return {number: written[of] for number, of in same.items() if of in written}


def _document(project: Project, root: Path, question: Question) -> dict[str, Any]:
    return {
        "search": [str(_moved_to(path, project.root, root)) for path in project.search],
        "root": str(root),
        "firsts": question.firsts,
        "models": question.models,
        "context": project.configuration.context is not None,
        "pairs": [[[old.module, old.name], [new.module, new.name]] for old, new in question.pairs],
        "names": [[place.module, place.name] for place in question.names],
        "libraries": question.libraries,
        "at once": os.cpu_count() or 1,
    }


def _moved_to(path: Path, root: Path, other: Path) -> Path:
    resolved = path.resolve()
    return (
        other / resolved.relative_to(root.resolve())
        if resolved.is_relative_to(root.resolve())
        else path
    )


def _answer(document: Mapping[str, Any], project: Project, root: Path) -> Answer:
    error = document.get("error")
    if error is None:
        return Answer(None, document)
    path = None if error["path"] is None else Path(error["path"])
    if path is not None and path.is_relative_to(root):
        path = project.root / path.relative_to(root)
    message = error["message"].replace(str(root), str(project.root))
    circle = tuple(error["circle"])
    return Answer(Failure(error["type"], message, path, error["line"], circle), {})
