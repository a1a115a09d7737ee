"""Is the code after the move what it was before?

Each module that changes is imported before all others, in a fresh interpreter of its own; then all
models are, and the mappers are configured. What comes of it has to be the same every time, and the
same as before the move but for module paths.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
import tempfile
from collections.abc import Iterable, Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from modalembic.authoring.move.relocations import Place
from modalembic.errors import ImportCircle, MoveUnproven
from modalembic.project import Project

_DESCRIBED = ("mappers", "tables", "broken", "tasks")


@dataclass(frozen=True)
class Question:
    """What a fresh interpreter is asked: to import `first` (None: nothing) and then `models`.

    `pairs` are places that have to be one object, `names` what may be a task.
    """

    first: str | None
    models: tuple[str, ...]
    pairs: tuple[tuple[Place, Place], ...] = ()
    names: tuple[Place, ...] = ()


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


def ask(project: Project, root: Path, question: Question) -> Answer:
    """Ask a fresh interpreter about the project whose files are at `root`: its own place, or where
    it is laid out."""
    with tempfile.TemporaryDirectory(prefix="modalembic-probe-") as directory:
        asked, answer = Path(directory, "question.json"), Path(directory, "answer.json")
        asked.write_text(json.dumps(_document(project, root, question)), encoding="utf-8")
        done = subprocess.run(
            [sys.executable, "-P", "-m", "modalembic.authoring.move.probe", asked, answer],
            cwd=root,
            env={**os.environ, "PYTHONDONTWRITEBYTECODE": "1"},
            stdin=subprocess.DEVNULL,
            capture_output=True,
            check=False,
        )
        if not answer.is_file():
            said = os.fsdecode(done.stderr).strip().splitlines()
            failure = Failure("the interpreter ended", said[-1] if said else "", None, None, ())
            return Answer(failure, {})
        return _answer(json.loads(answer.read_text(encoding="utf-8")), project, root)


def before_the_move(project: Project, models: Sequence[str], names: Iterable[Place]) -> Answer:
    """What is there to begin with. Raises MoveUnproven where the models cannot be imported."""
    answer = ask(project, project.root, Question(None, tuple(models), names=tuple(names)))
    if answer.failure is not None:
        raise MoveUnproven(
            f"the models cannot be imported as they stand ({answer.failure}), so that nothing "
            "could be compared; nothing was written",
            hint="mend that first",
            path=answer.failure.path,
            line=answer.failure.line,
        )
    return answer


@dataclass(frozen=True)
class Claim:
    """What has to hold of the result at `root`: `touched` are the modules that change, `before` is
    how it was, the rest as in `Question`."""

    root: Path
    touched: tuple[str, ...]
    models: tuple[str, ...]
    before: Answer
    moved: Mapping[Place, Place]
    aliases: Mapping[Place, Place]


def prove(project: Project, claim: Claim) -> tuple[str, ...]:
    """Import each touched module first; what should be said of modules that could not be imported
    before either. Raises ImportCircle and MoveUnproven."""
    questions = [_question(claim, module) for module in claim.touched or (None,)]
    with ThreadPoolExecutor(os.cpu_count() or 1) as pool:
        answers = list(pool.map(lambda each: ask(project, claim.root, each), questions))
    notes = []
    for question, answer in zip(questions, answers, strict=True):
        note = _judge(project, claim, question, answer)
        if note is not None:
            notes.append(note)
    return tuple(notes)


def _question(claim: Claim, first: str | None) -> Question:
    pairs = tuple(sorted(claim.aliases.items(), key=str))
    names = tuple(claim.moved.get(place, place) for place in claim.before.tasks)
    return Question(first, claim.models, pairs, names)


def _judge(project: Project, claim: Claim, question: Question, answer: Answer) -> str | None:
    if answer.failure is not None:
        return _judge_failure(project, claim, question, answer.failure)
    for old, new in answer.found["unlike"]:
        raise MoveUnproven(
            f"{_shown(old)} and {_shown(new)} are not the same object after the move; nothing was "
            "written",
            hint="does a module of the same name stand in the way? --no-shim leaves none",
        )
    expected = _renamed_tasks(claim)
    for part in _DESCRIBED:
        before = expected if part == "tasks" else claim.before.found[part]
        if part in {"mappers", "tables"}:
            before = _renamed(before, claim.moved)
        difference = next(_differences(before, answer.found[part], part), None)
        if difference is not None:
            first = f" when {question.first} is imported first" if question.first else ""
            raise MoveUnproven(
                f"the models are configured in another way after the move{first}: {difference}; "
                "nothing was written",
                hint="is something registered in one place (a listener, a default) and used in "
                "another? Move both together",
            )
    return None


def _judge_failure(
    project: Project, claim: Claim, question: Question, failure: Failure
) -> str | None:
    earlier = None
    if question.first is not None:
        models = tuple(name for name in claim.models if name not in _new_modules(claim))
        earlier = ask(project, project.root, Question(question.first, models)).failure
    if earlier is not None and (earlier.type, earlier.message) == (failure.type, failure.message):
        return f"{question.first} cannot be imported, and could not before the move: {failure}"
    first = f"{question.first} is imported first" if question.first else "the models are imported"
    if failure.circle:
        raise ImportCircle(
            f"after the move, modules would import each other in a circle when {first}: "
            f"{' -> '.join(failure.circle)}; nothing was written",
            path=failure.path,
            line=failure.line,
        )
    raise MoveUnproven(
        f"after the move, {first} and fails: {failure}; nothing was written",
        path=failure.path,
        line=failure.line,
    )


def _new_modules(claim: Claim) -> set[str]:
    return {place.module for place in claim.moved.values()}


def _renamed_tasks(claim: Claim) -> dict[str, str]:
    return {str(claim.moved.get(place, place)): name for place, name in claim.before.tasks.items()}


def _renamed(described: Mapping[str, Any], moved: Mapping[Place, Place]) -> Any:
    """What was found before, with every class and function under its new name."""
    names = {str(old): str(new) for old, new in moved.items()}

    def renamed(value: Any) -> Any:
        if isinstance(value, dict):
            return {renamed(key): renamed(each) for key, each in value.items()}
        if isinstance(value, list):
            return [renamed(each) for each in value]
        if isinstance(value, str) and ":" in value:
            module, _, name = value.partition(":")
            top, dot, rest = name.partition(".")
            return f"{names.get(f'{module}:{top}', f'{module}:{top}')}{dot}{rest}"
        return value

    return renamed(described)


def _differences(before: Any, after: Any, path: str) -> Iterator[str]:
    if isinstance(before, dict) and isinstance(after, dict):
        for key in sorted({*before, *after}):
            yield from _differences(before.get(key), after.get(key), f"{path}, {key}")
    elif before != after:
        yield f"{path} was {_short(before)} and is {_short(after)}"


def _short(value: Any) -> str:
    text = "missing" if value is None else json.dumps(value)
    return text if len(text) < 120 else f"{text[:117]}..."


def _shown(place: Sequence[str | None]) -> str:
    return ":".join(part for part in place if part)


def _document(project: Project, root: Path, question: Question) -> dict[str, Any]:
    return {
        "search": [str(_moved_to(path, project.root, root)) for path in project.search],
        "root": str(root),
        "first": question.first,
        "models": question.models,
        "context": project.configuration.context is not None,
        "pairs": [[[old.module, old.name], [new.module, new.name]] for old, new in question.pairs],
        "names": [[place.module, place.name] for place in question.names],
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
