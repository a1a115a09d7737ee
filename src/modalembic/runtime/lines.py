"""Which line of a file an error came from."""

from __future__ import annotations


def line_in(error: BaseException, path: str) -> int | None:
    """The line (1-based) of the file `path` that was at work when `error` was raised; the innermost
    one. None where none was."""
    import traceback

    if isinstance(error, SyntaxError) and error.filename == path:
        return error.lineno
    lines = [
        frame.lineno
        for frame in traceback.extract_tb(error.__traceback__)
        if frame.filename == path
    ]
    return lines[-1] if lines else None
