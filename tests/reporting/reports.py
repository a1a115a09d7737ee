"""Reports made by hand."""

from __future__ import annotations

from pathlib import Path

from modalembic.checks.finding import Finding
from modalembic.checks.report import CheckReport

SHOP = Path("/srv/my shop")
PLAIN = Finding(
    rule="history/multiple-heads",
    severity="error",
    message="billing has 2 heads: b2, b3",
    module="billing",
    path=SHOP / "app/b3.py",
    line=6,
    fix='`alembic merge -m "merge billing" b2 b3` joins them',
)
WARNING = Finding(
    rule="history/label-dependency",
    severity="warning",
    message="o1 depends on the label 'a|b', 100%\nwhich <means> b1 & `x`",
    module="orders",
    object="revision",
    name="o1",
    part="depends_on",
    expected="b1",
    actual="a|b",
    path=SHOP / "app/o,1: é.py",
    line=9,
)
NO_PLACE = Finding(rule="structure/no-modules", severity="error", message="none\x00 at all\x1b")
OUTSIDE = Finding(
    rule="history/implied-label",
    severity="info",
    message="told",
    module="plugin",
    path=Path("/usr/lib/a plugin/p1.py"),
)
ALL = (NO_PLACE, PLAIN, WARNING, OUTSIDE)


def report(*findings: Finding, root: Path = SHOP) -> CheckReport:
    """A report of a run of two checks."""
    return CheckReport(
        ("history", "structure"), findings, "error", root, root / "pyproject.toml", known=0
    )
