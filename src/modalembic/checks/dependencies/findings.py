"""What `check dependencies` has to say."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

from modalembic.checks.dependencies.missing import Missing
from modalembic.checks.dependencies.ordering import Contest, Pair
from modalembic.checks.finding import Finding
from modalembic.checks.places import is_own
from modalembic.errors import MigrationFailed
from modalembic.history.header import line_of
from modalembic.history.revision import Revision
from modalembic.project import Project
from modalembic.runtime.failure import shown_path

_OTHERS = "it is in installed packages: tell their authors, and take it into the baseline"


def unordered_findings(project: Project, contest: Contest) -> Iterator[Finding]:
    """One finding for each pair of modules that compete for the object: the first pair of revisions
    that has to be ordered, after which fewer are left, or none."""
    revisions = project.graph.revisions
    of_modules: dict[frozenset[str], list[Pair]] = {}
    for pair in contest.pairs:
        modules = frozenset(revisions[id_].module for id_ in pair)
        of_modules.setdefault(modules, []).append(pair)
    for pairs in of_modules.values():
        later = pairs[0][1]
        # Behind the last one that has to come before it, most of the others fall into place.
        earlier = [one for one, other in pairs if other == later][-1]
        yield _unordered(project, contest, revisions[earlier], revisions[later], len(pairs) - 1)


def _unordered(
    project: Project, contest: Contest, earlier: Revision, later: Revision, more: int
) -> Finding:
    others = f" ({more} more such pairs)" if more > 1 else " (1 more such pair)" if more else ""
    return Finding(
        rule="dependencies/unordered-touch",
        severity="error",
        message=f"{_told(project, earlier)} and {_told(project, later)} both touch {contest.kind} "
        f"{contest.name}, and either may run first{others}",
        module=later.module,
        object=contest.kind,
        name=contest.name,
        part=f"{earlier.id}, {later.id}",
        expected=f"{later.id} after {earlier.id}",
        actual="no order",
        path=Path(later.path),
        line=_line(later),
        fix=_order(project, earlier, later),
    )


def _order(project: Project, earlier: Revision, later: Revision) -> str:
    """How to order two revisions: as they ran in the replay, of which it is known that it works; if
    the file to change is another's, the other way round."""
    if not is_own(project, Path(later.path)):
        if not is_own(project, Path(earlier.path)):
            return _OTHERS
        return f'add "{later.id}" to depends_on of {earlier.id}'
    mended = f'add "{earlier.id}" to depends_on of {later.id}'
    if earlier.module == later.module:
        return mended
    return (
        f"{mended}; before the next revision of {later.module}: modalembic revision --transfer "
        f'{earlier.module} --module {later.module} -m "take over from {earlier.module}"'
    )


def missing_finding(project: Project, found: Missing) -> Finding:
    """The finding for a dependency that is missing."""
    revision = project.graph.revisions[found.revision]
    creator = project.graph.revisions[found.creator]
    what = f"{found.object_.kind} {found.object_.names[-1]}"
    use = "reads" if found.user is None else f"lets {found.user.kind} {found.user.names[-1]} use"
    return Finding(
        rule="dependencies/missing",
        severity="error",
        message=f"{_told(project, revision)} {use} {what}, and may run before "
        f"{_told(project, creator)}, which it needs for that: {found.failure}",
        module=revision.module,
        object="revision",
        name=revision.id,
        part="depends_on",
        expected=creator.id,
        path=Path(revision.path),
        line=_line(revision),
        fix=f'add "{creator.id}" to depends_on of {revision.id}'
        if is_own(project, Path(revision.path))
        else _OTHERS,
    )


def unknown(project: Project, reason: str) -> Finding:
    """What revisions touch could not be seen, so that nothing was checked."""
    return Finding(
        rule="dependencies/not-recorded",
        severity="error",
        message=f"what revisions touch was not recorded, and nothing was checked: {reason}",
        path=project.configuration.file,
        line=project.configuration.line_of("scratch"),
        fix='a scratch server with a superuser: scratch = "embedded" in [tool.modalembic], or '
        "MODALEMBIC_SCRATCH_URL",
    )


def unreplayed(error: MigrationFailed) -> Finding:
    """A revision fails on an empty database, so that nothing was checked."""
    module = error.failed["module"]
    return Finding(
        rule="dependencies/not-recorded",
        severity="error",
        message=f"what revisions touch was not recorded, and nothing was checked: {error.message}",
        module=None if module is None else str(module),
        path=error.path,
        line=error.line,
        fix=error.hint,
    )


def _told(project: Project, revision: Revision) -> str:
    where = shown_path(project.root, revision.path)
    return f"{revision.id} of {revision.module} ({where})"


def _line(revision: Revision) -> int:
    return line_of(revision.path, "depends_on") or revision.line
