"""`check`: questions with findings for answers."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Literal

import typer

from modalembic.cli import exits
from modalembic.cli.frame import (
    ColorOption,
    DatabaseOption,
    DebugOption,
    Frame,
    ProjectOption,
    QuietOption,
    VerboseOption,
    perform,
)
from modalembic.errors import UsageError

if TYPE_CHECKING:
    from collections.abc import Sequence

    from modalembic.checks.report import CheckReport
    from modalembic.project import Project

NAMES = ("drift", "history", "structure")
# Those that need no server.
USUAL = ("history", "structure")
CheckFormat = Literal["text", "json", "sarif", "junit", "github", "markdown"]


def register(app: typer.Typer) -> None:
    """Add the commands of this file to `app`."""
    app.command("check")(_check)


def _check(
    context: typer.Context,
    *,
    checks: Annotated[
        list[str] | None,
        typer.Argument(help=f"Of {', '.join(NAMES)} (default: {' and '.join(USUAL)})."),
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
    format: Annotated[  # noqa: A002
        CheckFormat | None,
        typer.Option("--format", help="How the result is written.", show_default="text"),
    ] = None,
    project: ProjectOption = None,
    database: DatabaseOption = None,
    quiet: QuietOption = False,
    verbose: VerboseOption = False,
    debug: DebugOption = False,
    no_color: ColorOption = False,
) -> None:
    """Check the project; findings make the exit code 1."""
    outer = context.obj or Frame()
    shown: CheckFormat = format or outer.format or "text"
    json: Literal["json"] | None = "json" if shown == "json" else None
    after = Frame(project, database, json, quiet, verbose, debug, no_color)
    frame = outer.merged(after)

    def work() -> int:
        from modalembic.reporting.findings import output, write_output

        files = [output(option) for option in outputs or ()]
        if write_baseline and baseline is None:
            raise UsageError(
                "--write-baseline needs a file", hint="--baseline FILE --write-baseline"
            )
        report = _report(
            frame,
            _chosen(checks, against),
            base=base,
            against=against,
            modules=tuple(modules or ()),
            fail_on=fail_on,
            fix=fix,
            baseline=baseline,
            write=write_baseline,
        )
        for file in files:
            write_output(report, file)
        _show(frame, shown, report)
        return 0 if report.ok else exits.FINDINGS

    raise typer.Exit(perform(frame, work))


def _chosen(checks: Sequence[str] | None, against: str | None) -> Sequence[str]:
    """The checks to run. Raises UsageError where --against goes with none of them."""
    if against is not None and "drift" not in (checks or ("drift",)):
        raise UsageError("--against is for drift", hint="modalembic check drift --against DATABASE")
    return checks or (USUAL if against is None else ("drift",))


def _report(
    frame: Frame,
    checks: Sequence[str],
    *,
    base: str | None,
    against: str | None,
    modules: tuple[str, ...],
    fail_on: Literal["error", "warning"],
    fix: bool,
    baseline: Path | None,
    write: bool,
) -> CheckReport:
    from modalembic.checks.baseline import Baseline, read_baseline
    from modalembic.checks.report import find, report
    from modalembic.checks.request import CheckRequest
    from modalembic.reporting.progress import LineProgress
    from modalembic.reporting.text import counted

    project = frame.load()
    if fix:
        project = _mended(frame, project, checks)
    request = CheckRequest(
        project,
        base,
        modules,
        against=against,
        database=frame.database,
        observer=LineProgress(quiet=frame.quiet),
    )
    findings = find(request, checks)
    taken = None
    if baseline is not None:
        fresh = write and not baseline.exists()
        taken = Baseline(baseline, ()) if fresh else read_baseline(baseline)
        if write:
            taken = taken.rewritten(request, checks, findings)
            taken.write()
            if not frame.quiet:
                frame.tell(
                    [f"wrote {baseline}, which has {counted(len(taken.entries), 'finding')}"]
                )
    return report(request, checks, findings, fail_on=fail_on, baseline=taken)


def _mended(frame: Frame, project: Project, checks: Sequence[str]) -> Project:
    """The project after what can be mended is."""
    from modalembic.authoring.mend import mend
    from modalembic.reporting.text import shown

    for check in checks:
        written = mend(project, check)
        for path in written:
            what = "version_locations" if check == "structure" else "depends_on"
            frame.tell([f"wrote {what} in {shown(path)}"])
    return frame.load(warn=False)


def _show(frame: Frame, shown: CheckFormat, report: CheckReport) -> None:
    from modalembic.reporting.findings import written
    from modalembic.reporting.text import fitted

    text = written(report, shown)
    if shown == "text":
        text = "".join(f"{line}\n" for line in fitted(text.splitlines(), frame.width))
    print(text, end="")
