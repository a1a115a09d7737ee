"""What `adopt` was asked for."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path, PurePosixPath

from modalembic.errors import UsageError
from modalembic.modules.module import name_complaint

DEFAULT_MODULES = "app/modules/*"


@dataclass(frozen=True)
class Request:
    """`root` is the project's directory, absolute and resolved. The others are what the options
    say, None or empty where they do not: Alembic's `ini` file, the `name` of the old history,
    patterns of `modules`, the application's `context`; `write_heads` says that each singular `head`
    is made plural."""

    root: Path
    ini: Path | None = None
    name: str | None = None
    modules: tuple[str, ...] = ()
    context: str | None = None
    write_heads: bool = False

    @property
    def patterns(self) -> tuple[str, ...]:
        """Where modules are: as asked for, else in the usual place, if that is there."""
        if self.modules:
            return self.modules
        usual = (self.root / DEFAULT_MODULES).parent
        return (DEFAULT_MODULES,) if usual.is_dir() else ()


def check_request(request: Request) -> None:
    """Raise UsageError for what nothing could come of."""
    complaint = None if request.name is None else name_complaint(request.name)
    if complaint is not None:
        raise UsageError(f"--name: {complaint}; nothing was written")
    for pattern in request.modules:
        if not (_matches(request.root, pattern) or is_to_come(request.root, pattern)):
            raise UsageError(
                f"--modules {pattern} matches no directory below {request.root}; nothing was "
                "written",
                hint='quote it for the shell, as in --modules "app/modules/*"; without modules '
                "leave it out",
            )


def is_to_come(root: Path, pattern: str) -> bool:
    """Whether a pattern matches nothing yet, in a package that is there: `app/modules/*` where
    there is an `app`."""
    parts = PurePosixPath(pattern).parts
    fixed = [part for part in parts if not set(part) & set("*?[")]
    plain = list(parts[: len(fixed)]) == fixed and ".." not in fixed and not pattern.startswith("/")
    return (
        plain
        and 1 < len(fixed) < len(parts)
        and root.joinpath(*fixed[:-1]).is_dir()
        and not _matches(root, pattern)
    )


def _matches(root: Path, pattern: str) -> bool:
    try:
        return any(path.is_dir() for path in root.glob(pattern))
    except (ValueError, NotImplementedError, IndexError):
        return False
