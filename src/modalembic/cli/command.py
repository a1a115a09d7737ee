"""Registering a command: a function whose first parameter is a `Frame`.

The decorator adds the global options to its signature, so that Typer offers them after the command
too.
"""

from __future__ import annotations

import inspect
from collections.abc import Callable, Iterator
from dataclasses import replace
from typing import Any, get_type_hints

import typer

from modalembic.cli.ending import perform
from modalembic.cli.frame import (
    ColorOption,
    DatabaseOption,
    DebugOption,
    FormatOption,
    Frame,
    LogFormatOption,
    ProjectOption,
    QuietOption,
    VerboseOption,
)
from modalembic.cli.run_options import Group, options_of

_GLOBALS: dict[str, tuple[Any, Any]] = {
    "project": (ProjectOption, None),
    "database": (DatabaseOption, None),
    "format": (FormatOption, None),
    "quiet": (QuietOption, False),
    "verbose": (VerboseOption, False),
    "debug": (DebugOption, False),
    "no_color": (ColorOption, False),
    "log_format": (LogFormatOption, None),
}


def command(
    app: typer.Typer,
    name: str,
    *,
    options: Group | None = None,
    formats: Any = FormatOption,
    **settings: Any,
) -> Callable[[Any], Any]:
    """Register a function `(frame, …) -> exit code or None` as the command `name`.

    With `options`, a group in `run_options`, the command has these too, and the function gets them
    as its second parameter, `options`. `formats` is the option `--format` of a command that has
    more than the usual ones.
    """
    own_globals: Group = {**_GLOBALS, "format": (formats, None)}
    groups = (own_globals,) if options is None else (options, own_globals)

    def register(function: Callable[..., int | None]) -> Callable[..., int | None]:
        own = list(inspect.signature(function, eval_str=False).parameters.values())
        own = own[1:] if options is None else own[2:]
        hints = _evaluated(function, own)

        def run(context: typer.Context, **values: Any) -> None:
            if options is not None:
                values["options"] = options_of(options, values)
            after = Frame(**{key: values.pop(key) for key in _GLOBALS})
            frame = (context.obj or Frame()).merged(after).with_environment()
            frame = replace(frame, given=tuple(_texts((frame.database, *values.values()))))
            raise typer.Exit(perform(frame, lambda: function(frame, **values)))

        keyword = inspect.Parameter.KEYWORD_ONLY
        parameters = [
            inspect.Parameter("context", keyword, annotation=typer.Context),
            *(p.replace(annotation=hints[p.name], kind=keyword) for p in own),
            *(
                inspect.Parameter(key, keyword, annotation=annotation, default=default)
                for group in groups
                for key, (annotation, default) in group.items()
            ),
        ]
        run.__doc__ = function.__doc__
        run.__signature__ = inspect.Signature(parameters)  # type: ignore[attr-defined]
        run.__annotations__ = {p.name: p.annotation for p in parameters}
        app.command(name, **settings)(run)
        return function

    return register


def _evaluated(function: Callable[..., Any], own: list[inspect.Parameter]) -> dict[str, Any]:
    """The annotations of a command's own parameters; those of `frame` and `options` may name what
    is imported for types only."""
    wanted = type("wanted", (), {"__annotations__": {p.name: p.annotation for p in own}})
    return get_type_hints(wanted, function.__globals__, include_extras=True)


def _texts(values: Any) -> Iterator[str]:
    """The texts among what was given on the command line, those of `-x` among the options too."""
    for value in values:
        if isinstance(value, str):
            yield value
        elif isinstance(value, list | tuple):
            yield from _texts(value)
        elif hasattr(value, "x"):
            yield from _texts(value.x)
