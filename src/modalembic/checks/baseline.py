"""What an old project already has: taken in once, so that only new findings fail."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from modalembic.checks.finding import Finding
from modalembic.checks.registry import CHECKS
from modalembic.checks.request import CheckRequest
from modalembic.errors import ConfigurationError, OutputFailed
from modalembic.project import Project

_VERSION = 1
_FIELDS = ("rule", "module", "object", "name", "part", "expected", "actual", "message")
Entry = tuple[str | None, ...]


@dataclass(frozen=True)
class Baseline:
    """The entries of a baseline in `file`: what identifies a finding, whatever line it is on.

    One entry stands for one finding; a second one that is the same needs a second entry.
    """

    file: Path
    entries: tuple[Entry, ...]

    def new(self, project: Project, findings: Iterable[Finding]) -> tuple[Finding, ...]:
        """The findings that the baseline does not have."""
        left = Counter(self.entries)
        new = []
        for finding in findings:
            entry = entry_of(project, finding)
            if left[entry]:
                left[entry] -= 1
            else:
                new.append(finding)
        return tuple(new)

    def stale(
        self, request: CheckRequest, checks: Sequence[str], findings: Iterable[Finding]
    ) -> tuple[Finding, ...]:
        """A finding for each entry that `checks` do not find any more."""
        found = Counter(entry_of(request.project, finding) for finding in findings)
        left = Counter(self._in_scope(request, checks)) - found
        return tuple(self._stale(entry) for entry in left.elements())

    def _stale(self, entry: Entry) -> Finding:
        rule, module, kind, name, part, *_ = entry
        what = " ".join(filter(None, (kind, name, part))) or (entry[-1] or "")
        return Finding(
            rule="baseline/stale-entry",
            severity="error",
            message=f"{rule} is no longer found ({what}); its entry has to come out of the "
            "baseline",
            module=module,
            object=kind,
            name=name,
            part=part,
            path=self.file,
            fix="run the same check with --write-baseline",
        )

    def rewritten(
        self, request: CheckRequest, checks: Sequence[str], findings: Iterable[Finding]
    ) -> Baseline:
        """The baseline with `findings` (but for those of severity info) in place of what `checks`
        found before; entries of other checks and modules stay."""
        others = Counter(self.entries) - Counter(self._in_scope(request, checks))
        now = Counter(entry_of(request.project, f) for f in findings if f.severity != "info")
        # What keeps a project from being planned is found by every check, in scope or not.
        return Baseline(self.file, tuple(sorted((others | now).elements(), key=_order)))

    def _in_scope(self, request: CheckRequest, checks: Sequence[str]) -> tuple[Entry, ...]:
        """The entries that a run of `checks` would find if they held."""
        return tuple(entry for entry in self.entries if _can_find(request, checks, entry))

    def write(self) -> None:
        """Write the file. Raises OutputFailed."""
        document = {
            "version": _VERSION,
            "findings": [dict(zip(_FIELDS, entry, strict=True)) for entry in self.entries],
        }
        try:
            self.file.write_text(
                json.dumps(document, indent=2, ensure_ascii=False) + "\n", encoding="utf-8"
            )
        except OSError as error:
            raise OutputFailed(f"cannot write: {error.strerror}", path=self.file) from error


def read_baseline(file: Path) -> Baseline:
    """The baseline in `file`. Raises ConfigurationError where there is none."""
    try:
        document = json.loads(file.read_text(encoding="utf-8"))
        entries = _entries(document)
    except FileNotFoundError as error:
        raise ConfigurationError(
            "there is no such baseline", hint="--write-baseline makes it", path=file
        ) from error
    except (OSError, ValueError, KeyError, TypeError) as error:
        raise ConfigurationError(
            f"not a baseline of modalembic: {error}",
            hint="remove it, and make a new one with --write-baseline",
            path=file,
        ) from error
    return Baseline(file, entries)


def entry_of(project: Project, finding: Finding) -> Entry:
    """What identifies a finding on every machine. The message does so only where nothing is named:
    its wording may change with modalembic."""
    values = {field: getattr(finding, field) for field in _FIELDS}
    if finding.name is not None:
        values["message"] = None
    here = f"{project.root.as_posix()}/"
    return tuple(
        None if value is None else str(value).replace(here, "") for value in values.values()
    )


def _entries(document: Any) -> tuple[Entry, ...]:
    if document["version"] != _VERSION:
        raise ValueError(f"version {document['version']!r}")
    return tuple(_entry(item) for item in document["findings"])


def _entry(item: Any) -> Entry:
    values = tuple(item[field] for field in _FIELDS)
    if not all(isinstance(value, str | None) for value in values) or not values[0]:
        raise ValueError("an entry has fields that are no strings")
    return values


def _can_find(request: CheckRequest, checks: Sequence[str], entry: Entry) -> bool:
    rule, module = entry[0] or "", entry[1]
    check = rule.partition("/")[0]
    if request.modules and module not in (None, *request.modules):
        return False
    if check not in checks or check not in CHECKS:
        return False
    return request.base is not None or rule not in CHECKS[check].with_base


def _order(entry: Entry) -> tuple[str, ...]:
    return tuple(value or "" for value in entry)
