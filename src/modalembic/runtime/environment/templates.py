"""Where the environments that modalembic brings are kept."""

from __future__ import annotations

from pathlib import Path

import modalembic


def template_directory(name: str) -> Path:
    """The directory of the template `name`: in the installed package, or beside `src` in a checkout
    (`env_templates/` is put into the package when the wheel is built)."""
    package = Path(modalembic.__file__).parent
    installed = package / "env_templates" / name
    return installed if installed.is_dir() else package.parents[1] / "env_templates" / name


def template_names() -> tuple[str, ...]:
    """The names of all templates, sorted."""
    directory = template_directory(".")
    return tuple(sorted(path.name for path in directory.iterdir() if (path / "env.py").is_file()))
