"""Where a finding is, as tools outside name files: from the top of the repository."""

from __future__ import annotations

from pathlib import Path
from urllib.parse import quote

from modalembic.checks.finding import Finding
from modalembic.checks.places import repository_of
from modalembic.checks.report import CheckReport


def path_in_repository(report: CheckReport, finding: Finding) -> str:
    """The file of a finding below the repository, with slashes; a file elsewhere as it is. Where
    there is none it is the project's configuration: some tools drop what has no place."""
    path = Path(finding.path or report.file)
    top = repository_of(report.root)
    return (path.relative_to(top) if path.is_relative_to(top) else path).as_posix()


def uri(report: CheckReport, finding: Finding) -> str:
    """The same as a URI, relative if the file is in the repository."""
    path = path_in_repository(report, finding)
    return quote(path) if not Path(path).is_absolute() else Path(path).as_uri()
