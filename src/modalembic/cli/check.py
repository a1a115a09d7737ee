"""`check`: questions with findings for answers."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Literal, cast

import typer

from modalembic.checks.names import NAMES, USUAL, usual_checks
from modalembic.cli import exits
from modalembic.cli.command import command
from modalembic.cli.frame import Frame
from modalembic.errors import UsageError

if TYPE_CHECKING:
    from collections.abc import Sequence

    from modalembic.checks.report import CheckReport
    from modalembic.project import Project

CheckFormat = Literal["text", "json", "sarif", "junit", "github", "markdown"]
_Format = Annotated[
    CheckFormat | None,
    typer.Option("--format", help="How the result is written.", show_default="text"),
]


def register(app: typer.Typer) -> None:
    """Add the commands of this file to `app`."""
    command(app, "check", formats=_Format)(_check)


def _check(
    frame: Frame,
    checks: Annotated[
        list[str] | None,
        typer.Argument(
            help=f"Of {', '.join(NAMES)} (default: {' and '.join(USUAL)}; moves with a base)."
        ),
    ] = None,
    fix: Annotated[
        bool, typer.Option("--fix", help="Mend what can be mended without choice.")
    ] = False,
    base: Annotated[
        str | None,
        typer.Option("--base", help="Compare with the merge base of REF and HEAD.", metavar="REF"),
    ] = None,
    against: Annotated[
        str | None,
        typer.Option(
            "--against",
            help="For drift: compare the migrations with a live database, `live` or a URL.",
            metavar="DATABASE",
        ),
    ] = None,
    static: Annotated[
        bool, typer.Option("--static", help="For moves: the proof that needs no database alone.")
    ] = False,
    pure: Annotated[
        bool, typer.Option("--pure", help="For moves: nothing else may change.")
    ] = False,
    no_cache: Annotated[
        bool, typer.Option("--no-cache", help="Make all catalogs anew, and keep none.")
    ] = False,
    modules: Annotated[
        list[str] | None,
        typer.Option("--module", help="Only findings of this module (repeatable).", metavar="NAME"),
    ] = None,
    baseline: Annotated[
        Path | None,
        typer.Option("--baseline", help="Only what FILE does not have fails.", metavar="FILE"),
    ] = None,
    write_baseline: Annotated[
        bool, typer.Option("--write-baseline", help="Take what is found into the baseline.")
    ] = False,
    fail_on: Annotated[
        Literal["error", "warning"], typer.Option("--fail-on", help="What makes the exit code 1.")
    ] = "error",
    outputs: Annotated[
        list[str] | None,
        typer.Option(
            "--output",
            "-o",
            help="Also write FILE, in the format of its extension (repeatable).",
            metavar="[FORMAT:]FILE",
        ),
    ] = None,
) -> int:
    """Check the project; findings make the exit code 1."""
    from modalembic.reporting.findings import output, write_output

    files = [output(option) for option in outputs or ()]
    if write_baseline and baseline is None:
        raise UsageError("--write-baseline needs a file", hint="--baseline FILE --write-baseline")
    asked = _Asked(
        tuple(checks or ()),
        base,
        tuple(modules or ()),
        against,
        static=static,
        pure=pure,
        cache=not no_cache,
    )
    asked.require_sense()
    report = _report(
        frame, asked, fail_on=fail_on, fix=fix, baseline=baseline, write=write_baseline
    )
    for file in files:
        write_output(report, file)
    _show(frame, report)
    return 0 if report.ok else exits.FINDINGS


@dataclass(frozen=True)
class _Asked:
    """Which checks to run, and what of; no `checks`: the usual ones."""

    checks: tuple[str, ...]
    base: str | None
    modules: tuple[str, ...]
    against: str | None
    static: bool
    pure: bool
    cache: bool

    def require_sense(self) -> None:
        """Raise UsageError where an option goes with none of the checks."""
        if self.against is not None and "drift" not in (self.checks or ("drift",)):
            hint = "modalembic check drift --against DATABASE"
            raise UsageError("--against is for drift", hint=hint)
        for option, given in (("--static", self.static), ("--pure", self.pure)):
            if given and "moves" not in (self.checks or ("moves",)):
                hint = f"modalembic check moves --base REF {option}"
                raise UsageError(f"{option} is for moves", hint=hint)

    def chosen(self, base: str | None) -> tuple[str, ...]:
        """The checks to run, where `base` is the reference that is given or configured."""
        if self.checks or self.against is not None:
            return self.checks or ("drift",)
        moves = base is not None or self.static or self.pure
        return usual_checks(moves=moves)


def _report(
    frame: Frame,
    asked: _Asked,
    *,
    fail_on: Literal["error", "warning"],
    fix: bool,
    baseline: Path | None,
    write: bool,
) -> CheckReport:
    from modalembic.checks.baseline import Baseline, read_baseline
    from modalembic.checks.report import find, report
    from modalembic.checks.request import CheckRequest
    from modalembic.cli.running import lines_of
    from modalembic.reporting.text import counted

    project = frame.load()
    base = asked.base or project.configuration.base
    checks = asked.chosen(base)
    if fix:
        project = _mended(frame, project, checks)
    request = CheckRequest(
        project,
        base,
        asked.modules,
        against=asked.against,
        database=frame.database,
        observer=lines_of(frame),
        static=asked.static,
        pure=asked.pure,
        cache=asked.cache,
    )
    found = find(request, checks)
    taken = None
    if baseline is not None:
        fresh = write and not baseline.exists()
        taken = Baseline(baseline, ()) if fresh else read_baseline(baseline)
        if write:
            taken = taken.rewritten(request, checks, found.findings)
            taken.write()
            if not frame.quiet:
                frame.tell(
                    [f"wrote {baseline}, which has {counted(len(taken.entries), 'finding')}"]
                )
    return report(request, checks, found, fail_on=fail_on, baseline=taken)


def _mended(frame: Frame, project: Project, checks: Sequence[str]) -> Project:
    """The project after what can be mended is."""
    from modalembic.authoring.mend import mend
    from modalembic.reporting.text import shown

    for check in checks:
        for what, path in mend(project, check):
            frame.tell([f"wrote {what} in {shown(path)}"])
    return frame.load(warn=False)


def _show(frame: Frame, report: CheckReport) -> None:
    from modalembic.reporting.findings import written
    from modalembic.reporting.text import fitted

    text = written(report, cast("CheckFormat", frame.format or "text"))
    if frame.format in {None, "text"}:
        text = "".join(f"{line}\n" for line in fitted(text.splitlines(), frame.width))
    print(text, end="")
