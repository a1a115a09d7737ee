"""The options that commands share which run revisions, or enter the project's `env.py`."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated, Any

import typer

if TYPE_CHECKING:
    from modalembic.runtime.options import Options


def duration(text: str) -> float:
    """A length of time in seconds, for Typer."""
    from modalembic.config.duration import parse_duration

    try:
        return parse_duration(text)
    except ValueError as error:
        raise typer.BadParameter(str(error)) from error


def _time(name: str, help_: str) -> Any:
    return Annotated[float | None, typer.Option(name, help=help_, metavar="TIME", parser=duration)]


_LOCK_WAIT = _time("--lock-wait", "How long to wait for another run (60s).")

# Parameter name to annotation and default; the decorator in `frame` adds them to a command.
Group = dict[str, tuple[Any, Any]]

ENVIRONMENT_OPTIONS: Group = {
    "x": (
        Annotated[
            list[str] | None,
            typer.Option("-x", help="For env.py: key=value (repeatable).", metavar="ARG"),
        ],
        None,
    ),
    "tag": (
        Annotated[str | None, typer.Option("--tag", help="For env.py: any text.")],
        None,
    ),
}

# For whatever takes the locks.
LOCK_OPTIONS: Group = {
    "lock_wait": (_LOCK_WAIT, None),
    "allow_pooler": (
        Annotated[
            bool,
            typer.Option(
                "--allow-pooler", help="Go on behind a pooler that may not keep sessions."
            ),
        ],
        False,
    ),
}

STAMP_OPTIONS: Group = {**ENVIRONMENT_OPTIONS, **LOCK_OPTIONS}

PLAN_OPTIONS: Group = {
    "allow_orphan": (
        Annotated[
            list[str] | None,
            typer.Option(
                "--allow-orphan", help="A version row that may stay unknown.", metavar="ID"
            ),
        ],
        None,
    ),
}

RUN_OPTIONS: Group = {
    **ENVIRONMENT_OPTIONS,
    **PLAN_OPTIONS,
    **LOCK_OPTIONS,
    "timeout": (_time("--timeout", "Limit of the whole run (0: none)."), None),
    "lock_timeout": (
        _time("--lock-timeout", "How long a statement waits for a lock (5s; 0: forever)."),
        None,
    ),
    "statement_timeout": (_time("--statement-timeout", "Limit of a statement (0: none)."), None),
    "retries": (
        Annotated[
            int | None,
            typer.Option("--retries", help="Tries after a lock timeout or a deadlock (5).", min=0),
        ],
        None,
    ),
    "no_preflight": (
        Annotated[
            bool,
            typer.Option("--no-preflight", help="Do not load every file before the first step."),
        ],
        False,
    ),
}

UPGRADE_OPTIONS: Group = {
    **RUN_OPTIONS,
    "strict": (
        Annotated[
            bool | None,
            typer.Option(
                "--strict/--no-strict",
                help="Refuse where a revision that has run was edited since.",
                show_default=False,
            ),
        ],
        None,
    ),
}


def options_of(group: Group, values: dict[str, Any]) -> Options:
    """The options of a run from the values of `group`, which are taken out of `values`."""
    from modalembic.runtime.options import Options

    given = {name: values.pop(name) for name in group}
    return Options(
        lock_wait=given.get("lock_wait"),
        lock_timeout=given.get("lock_timeout"),
        statement_timeout=given.get("statement_timeout"),
        retries=given.get("retries"),
        preflight=not given.get("no_preflight"),
        allow_orphans=tuple(given.get("allow_orphan") or ()),
        strict=given.get("strict"),
        timeout=given.get("timeout"),
        allow_pooler=given.get("allow_pooler") or None,
        x=tuple(given.get("x") or ()),
        tag=given.get("tag"),
    )
