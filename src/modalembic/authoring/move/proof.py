"""Is the code after the move what it was before?

Each module that changes is imported before all others, in a fresh interpreter of its own; then all
models are, and the mappers are configured. What comes of it has to be the same every time, and the
same as before the move but for module paths.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Any

from modalembic.authoring.move.probing import Answer, Failure, Question, ask, ask_each, ask_forks
from modalembic.authoring.move.relocations import Place
from modalembic.errors import ImportCircle, MoveUnproven
from modalembic.project import Project

_DESCRIBED = ("mappers", "tables", "broken", "tasks")


def before_the_move(project: Project, models: Sequence[str], names: Iterable[Place]) -> Answer:
    """What is there to begin with. Raises MoveUnproven where the models cannot be imported."""
    answer = ask(project, project.root, _before(models, names))
    if answer.failure is not None:
        raise MoveUnproven(
            f"the models cannot be imported as they stand ({answer.failure}), so that nothing "
            "could be compared; nothing was written",
            hint="mend that first",
            path=answer.failure.path,
            line=answer.failure.line,
        )
    return answer


def _before(models: Iterable[str], names: Iterable[Place]) -> Question:
    return Question((None,), tuple(models), names=tuple(names), libraries=None)


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

    @property
    def question(self) -> Question:
        """What is asked of the result."""
        return Question(
            self.touched or (None,),
            self.models,
            pairs=tuple(sorted(self.aliases.items(), key=str)),
            names=tuple(self.moved.get(place, place) for place in self.before.tasks),
            libraries=self.before.libraries,
        )

    @cached_property
    def expected(self) -> Mapping[str, Any]:
        """What was found before, under the new names."""
        found = self.before.found
        tasks = {str(self.moved.get(p, p)): name for p, name in self.before.tasks.items()}
        described = {part: _renamed(found[part], self.moved) for part in ("mappers", "tables")}
        return {**described, "broken": found["broken"], "tasks": tasks}

    @property
    def new_modules(self) -> set[str]:
        """The modules into which something moves."""
        return {place.module for place in self.moved.values()}


def prove(project: Project, claim: Claim) -> tuple[str, ...]:
    """Import each touched module first; what should be said of modules that could not be imported
    before either. Raises ImportCircle and MoveUnproven."""
    question = claim.question
    answers = ask_forks(project, claim.root, question)
    open_ = [first for first in question.firsts if not _is_fine(claim, answers.get(first))]
    answers |= ask_each(project, claim.root, question, open_)
    notes = (_judge(project, claim, first, answers[first]) for first in question.firsts)
    return tuple(note for note in notes if note is not None)


def _is_fine(claim: Claim, answer: Answer | None) -> bool:
    return (
        answer is not None
        and answer.failure is None
        and not answer.found["unlike"]
        and all(answer.found[part] == claim.expected[part] for part in _DESCRIBED)
    )


def _judge(project: Project, claim: Claim, first: str | None, answer: Answer) -> str | None:
    if answer.failure is not None:
        return _judge_failure(project, claim, first, answer.failure)
    for old, new in answer.found["unlike"]:
        raise MoveUnproven(
            f"{_shown(old)} and {_shown(new)} are not the same object after the move; nothing was "
            "written",
            hint="does a module of the same name stand in the way? --no-shim leaves none",
        )
    for part in _DESCRIBED:
        difference = next(_differences(claim.expected[part], answer.found[part], part), None)
        if difference is not None:
            when = f" when {first} is imported first" if first else ""
            raise MoveUnproven(
                f"the models are configured in another way after the move{when}: {difference}; "
                "nothing was written",
                hint="is something registered in one place (a listener, a default) and used in "
                "another? Move both together",
            )
    return None


def _judge_failure(
    project: Project, claim: Claim, first: str | None, failure: Failure
) -> str | None:
    earlier = None
    if first is not None:
        models = tuple(name for name in claim.models if name not in claim.new_modules)
        earlier = ask(project, project.root, Question((first,), models)).failure
    if earlier is not None and (earlier.type, earlier.message) == (failure.type, failure.message):
        return f"{first} cannot be imported, and could not before the move: {failure}"
    told = f"{first} is imported first" if first else "the models are imported"
    if failure.circle:
        raise ImportCircle(
            f"after the move, modules would import each other in a circle when {told}: "
            f"{' -> '.join(failure.circle)}; nothing was written",
            path=failure.path,
            line=failure.line,
        )
    raise MoveUnproven(
        f"after the move, {told} and fails: {failure}; nothing was written",
        path=failure.path,
        line=failure.line,
    )


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
