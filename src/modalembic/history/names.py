"""How targets are spelled, and which revision, branch or module a name means."""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass

from modalembic.errors import AmbiguousTarget, UnknownTarget
from modalembic.history.graph import RevisionGraph
from modalembic.modules import RESERVED_NAMES

_RELATIVE = re.compile(r"(?P<symbol>.*?)(?P<steps>[+-]0*[1-9][0-9]{0,8})")
_SHOWN = 5


@dataclass(frozen=True)
class Target:
    """A target taken apart: `branch@symbol` and a relative number of steps; None for what is
    absent."""

    text: str
    branch: str | None
    symbol: str | None
    steps: int | None


class Names:
    """The names that a target may use: of modules, of branch labels, of revisions."""

    def __init__(self, graph: RevisionGraph, modules: Iterable[str]) -> None:
        self._graph = graph
        self.modules = tuple(modules)

    def parse(self, text: str) -> Target:
        """`text` taken apart; a bare module name is its head. Raises UnknownTarget."""
        branch, at, symbol = text.rpartition("@")
        if (at and not branch) or not symbol:
            raise UnknownTarget(
                f"{text!r} is no target", hint="write heads, module@head, or a revision, say"
            )
        if symbol in self._graph.revisions:
            return Target(text, branch or None, symbol, None)
        if not at and symbol in self.modules and symbol not in RESERVED_NAMES:
            return Target(text, symbol, "head", None)
        relative = _RELATIVE.fullmatch(symbol)
        if relative is None or (not at and symbol in self._graph.labels):
            return Target(text, branch or None, symbol, None)
        if relative["symbol"] in self.modules and relative["symbol"] not in self._graph.revisions:
            raise AmbiguousTarget(
                f"{text} could start from the first or the last revision of {relative['symbol']}",
                hint=f"write {relative['symbol']}@{relative['steps']} for steps from where the "
                "database is, or start from an id",
            )
        return Target(text, branch or None, relative["symbol"] or None, int(relative["steps"]))

    def module_of(self, branch: str) -> str:
        """The module that a branch belongs to. Raises UnknownTarget."""
        if branch in self.modules:
            return branch
        if branch in self._graph.labels:
            return self._graph.revisions[self._graph.labels[branch]].module
        raise self._unknown(branch, f"there is no module or branch {branch!r}")

    def line(self, branch: str) -> set[str]:
        """The revisions of a branch: of a module all; of a label that is no module's name those of
        its module that lead to the revision which carries it, or follow it."""
        graph = self._graph
        module = self.module_of(branch)
        if branch in self.modules:
            return set(graph.of_module.get(module, ()))
        line = {graph.labels[branch]}
        for neighbours in (graph.line_parents, graph.line_children):
            pending = [graph.labels[branch]]
            while pending:
                for other in neighbours(pending.pop()):
                    if other not in line:
                        line.add(other)
                        pending.append(other)
        return line

    def revision(self, symbol: str, branch: str | None) -> str:
        """The revision that an id, a beginning of an id, or a label names; it has to be of the
        module that `branch` belongs to. Raises UnknownTarget or AmbiguousTarget."""
        module = None if branch is None else self.module_of(branch)
        found = self._candidates(symbol)
        if module is not None and len(found) > 1:
            found = [id_ for id_ in found if self._graph.revisions[id_].module == module]
        if not found:
            raise self._unknown(symbol, f"there is no revision, module or label {symbol!r}")
        if len(found) > 1:
            raise AmbiguousTarget(
                f"{symbol!r} is the beginning of {len(found)} revisions: "
                + ", ".join([*found[:_SHOWN], *(["…"] if len(found) > _SHOWN else [])]),
                hint="write more of the id",
            )
        owner = self._graph.revisions[found[0]].module
        if module not in (None, owner):
            raise UnknownTarget(
                f"revision {found[0]} belongs to {owner}, not to {module}",
                hint=f"write {found[0]} alone",
            )
        return found[0]

    def _candidates(self, symbol: str) -> list[str]:
        graph = self._graph
        if symbol in graph.revisions:
            return [symbol]
        if symbol in graph.labels:
            return [graph.labels[symbol]]
        return sorted(id_ for id_ in graph.revisions if id_.startswith(symbol))

    def _unknown(self, symbol: str, message: str) -> UnknownTarget:
        from difflib import get_close_matches

        names = [*self.modules, *self._graph.labels, *self._graph.revisions]
        close = get_close_matches(symbol, dict.fromkeys(names), 3)
        hint = (
            f"did you mean {' or '.join(close)}?"
            if close
            else "`modalembic modules` and `modalembic history` list what there is"
        )
        return UnknownTarget(message, hint=hint)
