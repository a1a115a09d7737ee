"""Whether new revisions do what they are meant to: they run on a scratch database, up, down and up
again, in a copy of the project."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass

from modalembic.authoring.autogenerate.counting import concerning, counted
from modalembic.authoring.autogenerate.owners import Owners
from modalembic.authoring.autogenerate.trial import Bench
from modalembic.authoring.changes import ChangeSet
from modalembic.authoring.laid_out import laid_out
from modalembic.errors import MigrationFailed, RevisionsNotProven
from modalembic.history.plan import plan_downgrade, plan_upgrade
from modalembic.postgres.catalog import Catalog, Difference, compare
from modalembic.project import Project
from modalembic.runtime.alone import failure_alone
from modalembic.runtime.drift.expressible import expressible, without_inexpressible
from modalembic.runtime.drift.migrations import scratch_upgraded
from modalembic.runtime.drift.sides import Sides
from modalembic.runtime.options import Observer, Options
from modalembic.runtime.run import run
from modalembic.runtime.scratch.kept_normaliser import KeptNormaliser
from modalembic.runtime.scratch_driver import with_driver

Known = frozenset[tuple[str, str, str | None]]


@dataclass(frozen=True)
class Proof:
    """Proves that revisions lead to the models of `sides` (of one `module`, where only that is
    wanted) and back to `before`, but for what is known to be `left`, or to stay when they are
    undone (`stays`)."""

    sides: Sides
    owners: Owners
    module: str | None
    before: Catalog
    left: tuple[Difference, ...]
    stays: tuple[Difference, ...]
    observer: Observer

    def prove(self, changes: ChangeSet, ids: Sequence[str]) -> None:
        """Run the revisions `ids`, which `changes` write. Raises RevisionsNotProven, and what a
        server raises."""
        with laid_out(self.sides.project.root, changes) as root:
            project = Project.load(root)
            project.require_sound()
            try:
                self._run(project, ids)
            except MigrationFailed as error:
                raise _failed(error) from error

    def failing_alone(self, changes: ChangeSet, ids: Sequence[str]) -> frozenset[int]:
        """Those of the revisions (by their place in `ids`) that fail when nothing runs before them
        but what they say that they need."""
        with laid_out(self.sides.project.root, changes) as root:
            project = Project.load(root)
            project.require_sound()
            return frozenset(
                number
                for number, id_ in enumerate(ids)
                if failure_alone(project, self.sides.scratch, [id_], self.observer) is not None
            )

    def _run(self, project: Project, ids: Sequence[str]) -> None:
        graph, order = project.graph, project.module_order
        goals = graph.revisions.keys()
        server = self.sides.scratch.server
        with scratch_upgraded(project, server, goals, self.observer) as (url, _):
            bench = Bench(project, url)
            up = bench.catalog()
            _require_none(self._drift(up), self.left, "after the upgrade")

            def step(plan: object) -> None:
                run(
                    project,
                    plan,  # type: ignore[arg-type]
                    database=with_driver(project, url).sqlalchemy,
                    options=Options(timeout=0),  # the configuration's is for deployments
                    observer=Observer(),
                    destination="heads",
                )

            step(lambda _: plan_downgrade(graph, "the state before", frozenset(ids), order))
            _require_none(
                self._apart(self.before, bench.catalog()), self.stays, "after the downgrade"
            )
            step(lambda state: plan_upgrade(graph, "heads", goals, state.applied, order))
            _require_none(self._apart(up, bench.catalog()), (), "after the second upgrade")

    def _drift(self, catalog: Catalog) -> tuple[Difference, ...]:
        models = self.sides.models
        part = expressible(catalog, models.catalog, models.compared)[0]
        found = compare(models.catalog, part, normaliser=KeptNormaliser(self.sides.scratch))
        differing = counted(self.sides, tuple(without_inexpressible(found)))
        return concerning(self.owners, differing, self.module)

    def _apart(self, expected: Catalog, actual: Catalog) -> tuple[Difference, ...]:
        found = compare(expected, actual, normaliser=KeptNormaliser(self.sides.scratch))
        return tuple(each for each in found if each.severity != "info")


def _require_none(found: Iterable[Difference], known: Collection[Difference], when: str) -> None:
    expected = {(each.object, each.name, each.part) for each in known}
    others = [each for each in found if (each.object, each.name, each.part) not in expected]
    if others:
        raise RevisionsNotProven(
            f"{when}, the schema is not what it has to be; nothing was written:\n"
            + "\n".join(f"  {told(each)}" for each in others[:20]),
            hint="write these changes by hand: modalembic revision --module NAME -m …",
        )


def told(each: Difference) -> str:
    """A difference in a line."""
    part = f" ({each.part.replace('-', ' ')})" if each.part is not None else ""
    if each.part is None:
        state = "is missing" if each.actual is None else "is too much"
        return f"{each.object} {each.name} {state}"
    return (
        f"{each.object} {each.name}{part}: {each.actual or 'none'}, not {each.expected or 'none'}"
    )


def _failed(error: MigrationFailed) -> RevisionsNotProven:
    return RevisionsNotProven(
        f"a new revision does not run on a scratch database: {error.message}; nothing was written",
        hint=error.hint or "write these changes by hand: modalembic revision --module NAME -m …",
    )
