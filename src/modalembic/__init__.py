"""modalembic: every module's Alembic migrations as one safe upgrade.

The names below are the public API, one function for each command. They are imported on first use,
so that `import modalembic` costs nothing.
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Any

from modalembic._version import __version__

if TYPE_CHECKING:
    from modalembic.checks.command import check as check
    from modalembic.checks.doctor.command import doctor as doctor
    from modalembic.definition import ModuleDefinition as ModuleDefinition
    from modalembic.errors import ModalembicError as ModalembicError
    from modalembic.project import Project as Project
    from modalembic.runtime import env as env
    from modalembic.runtime.commands import downgrade as downgrade
    from modalembic.runtime.commands import upgrade as upgrade
    from modalembic.runtime.diff.comparison import diff as diff
    from modalembic.runtime.install import install as install
    from modalembic.runtime.install import plan_install as plan_install
    from modalembic.runtime.match.stamping import match as match
    from modalembic.runtime.match.stamping import stamp_match as stamp_match
    from modalembic.runtime.offline import downgrade_sql as downgrade_sql
    from modalembic.runtime.offline import upgrade_sql as upgrade_sql
    from modalembic.runtime.options import Observer as Observer
    from modalembic.runtime.options import Options as Options
    from modalembic.runtime.planning import plan as plan
    from modalembic.runtime.pruning import prune as prune
    from modalembic.runtime.repair.command import repair as repair
    from modalembic.runtime.stamp import stamp as stamp
    from modalembic.runtime.uninstall.command import preview_uninstall as preview_uninstall
    from modalembic.runtime.uninstall.command import uninstall as uninstall

_WHERE = {
    "ModalembicError": "modalembic.errors",
    "ModuleDefinition": "modalembic.definition",
    "Observer": "modalembic.runtime.options",
    "Options": "modalembic.runtime.options",
    "Project": "modalembic.project",
    "check": "modalembic.checks.command",
    "diff": "modalembic.runtime.diff.comparison",
    "doctor": "modalembic.checks.doctor.command",
    "downgrade": "modalembic.runtime.commands",
    "downgrade_sql": "modalembic.runtime.offline",
    "install": "modalembic.runtime.install",
    "match": "modalembic.runtime.match.stamping",
    "plan": "modalembic.runtime.planning",
    "plan_install": "modalembic.runtime.install",
    "preview_uninstall": "modalembic.runtime.uninstall.command",
    "prune": "modalembic.runtime.pruning",
    "repair": "modalembic.runtime.repair.command",
    "stamp": "modalembic.runtime.stamp",
    "stamp_match": "modalembic.runtime.match.stamping",
    "uninstall": "modalembic.runtime.uninstall.command",
    "upgrade": "modalembic.runtime.commands",
    "upgrade_sql": "modalembic.runtime.offline",
}

__all__ = ["__version__", "env", *_WHERE]  # noqa: PLE0604


def __getattr__(name: str) -> Any:
    if name == "env":
        return import_module("modalembic.runtime.env")
    if name in _WHERE:
        return getattr(import_module(_WHERE[name]), name)
    raise AttributeError(f"module 'modalembic' has no attribute {name!r}")


def __dir__() -> list[str]:
    return sorted(__all__)
