"""Reasons why a table belongs to a module, and what follows from them."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path
from types import MappingProxyType

from modalembic.config import Configuration
from modalembic.errors import ModalembicError, TwoOwners, UnknownModule


@dataclass(frozen=True, slots=True)
class Claim:
    """One reason why `table` belongs to a module. `module` is None for a definition in a central
    place, which is nobody's reason."""

    table: str
    module: str | None
    path: Path
    line: int | None
    defined: bool

    def __str__(self) -> str:
        verb = "defines" if self.defined else "re-exports"
        where = str(self.path) if self.line is None else f"{self.path}:{self.line}"
        return f"{self.module} {verb} it ({where})"


@dataclass(frozen=True)
class Decision:
    """`owners` by table, None where a table has none; and what is wrong."""

    owners: Mapping[str, str | None]
    problems: tuple[ModalembicError, ...]


def decide(
    claims: Iterable[Claim], configuration: Configuration, modules: frozenset[str]
) -> Decision:
    """Each table's owner by the rule above, and a problem for each table with two."""
    problems: list[ModalembicError] = []
    owners: dict[str, str | None] = {}
    for table, found in sorted(_by_table(claims).items()):
        if table in configuration.owners:
            continue
        strongest = [claim for claim in found if claim.defined and claim.module is not None]
        strongest = strongest or [claim for claim in found if claim.module is not None]
        by_module = {claim.module: claim for claim in reversed(strongest)}
        if len(by_module) > 1:
            problems.append(_two_owners(table, sorted(by_module.values(), key=_by_module)))
        else:
            owners[table] = next(iter(by_module), None)
    for table, module in configuration.owners.items():
        if module in modules:
            owners[table] = module
        else:
            problems.append(
                UnknownModule(
                    f"the owner of table {table!r} is {module!r}, which is not a module here",
                    hint=f"the modules are {', '.join(sorted(modules))}",
                    path=configuration.file,
                    line=configuration.line_of("owners", table),
                )
            )
    return Decision(MappingProxyType(dict(sorted(owners.items()))), tuple(problems))


def _by_table(claims: Iterable[Claim]) -> dict[str, list[Claim]]:
    found: dict[str, list[Claim]] = {}
    for claim in claims:
        found.setdefault(claim.table, []).append(claim)
    return found


def _by_module(claim: Claim) -> str:
    return claim.module or ""


def _two_owners(table: str, claims: list[Claim]) -> TwoOwners:
    return TwoOwners(
        f"table {table!r} has {len(claims)} owners: {' and '.join(map(str, claims))}",
        hint=f'leave it to one of them, or settle it: [tool.modalembic.owners] "{table}" = '
        f'"{claims[0].module}"',
        path=claims[-1].path,
        line=claims[-1].line,
    )
