"""Writing a planned module, and making sure that it is the one that was asked for."""

from __future__ import annotations

from pathlib import Path

from modalembic.authoring.hooks import run_hooks
from modalembic.authoring.new_module.plan import NewModule
from modalembic.errors import ModulePlaceError
from modalembic.project import Project


def write_new_module(project: Project, new: NewModule) -> tuple[Path, ...]:
    """Write all files of `new` and run the project's hooks on them; the files that were written.

    The project is then loaded anew, and has to have the module as planned. If not, or if anything
    fails on the way, no file is left. Raises what `ChangeSet.apply` raises, HookFailed, and
    ModulePlaceError.
    """

    def finish(written: tuple[Path, ...]) -> None:
        made = {change.path for change in new.changes.changes if change.before is None}
        run_hooks(project, [path for path in written if path in made])
        _check(project, new)

    return new.changes.apply(then=finish)


def _check(project: Project, new: NewModule) -> None:
    """Raise ModulePlaceError unless the module is discovered as it was planned."""
    loaded = Project.load(project.root)
    wanted = new.module
    if loaded.problems:
        raise _undone(wanted.name, loaded.problems[0].message)
    found = loaded.by_name.get(wanted.name)
    if found is None:
        raise _undone(wanted.name, "it was not discovered")
    for field in ("directory", "package", "tier", "requires", "location"):
        expected, actual = getattr(wanted, field), getattr(found, field)
        if expected != actual:
            raise _undone(wanted.name, f"its {field} is {actual}, not {expected}")
    if loaded.graph.heads.get(wanted.name) != (new.revision,):
        raise _undone(wanted.name, f"its head is not {new.revision}")


def _undone(name: str, why: str) -> ModulePlaceError:
    return ModulePlaceError(
        f"{name} was written and did not become the module that was asked for: {why}; all of it "
        "was undone",
        hint="look at what would be written: --dry-run",
    )
