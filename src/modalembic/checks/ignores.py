"""Findings that the configuration lets pass, each with a reason, and entries that let none pass."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from typing import TypeVar

from modalembic.checks.finding import Finding
from modalembic.project import Project

Ignore = TypeVar("Ignore")


def without_ignored(
    project: Project,
    check: str,
    findings: Iterable[Finding],
    ignores: Sequence[Ignore],
    *,
    matches: Callable[[Ignore, Finding], bool],
    unused: Callable[[Ignore], tuple[str, str]],
) -> Iterator[Finding]:
    """The `findings` that none of `ignores` matches; and one for each of these that matches none.

    They are the entries of `[[tool.modalembic.CHECK.ignore]]`. `unused` gives the name and the
    message of the finding about one of them.
    """
    used: set[Ignore] = set()
    for finding in findings:
        matching = {each for each in ignores if matches(each, finding)}
        used |= matching
        if not matching:
            yield finding
    configuration = project.configuration
    for each in dict.fromkeys(ignores):
        if each in used:
            continue
        name, message = unused(each)
        yield Finding(
            rule=f"{check}/unused-ignore",
            severity="warning",
            message=message,
            object="ignore",
            name=name,
            path=configuration.file,
            line=configuration.line_of_entry(ignores.index(each), check, "ignore"),
            fix=f"delete the entry of [[tool.modalembic.{check}.ignore]]",
        )
