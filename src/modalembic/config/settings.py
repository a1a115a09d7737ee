"""The configuration as values: what every key is called, means and defaults to."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from types import MappingProxyType
from typing import Literal

Tier = Literal["core", "optional", "internal"]


@dataclass(frozen=True)
class ManifestShape:
    """How an application writes down what a module is; read statically, never imported.

    `symbol` is the name of a call (`ModuleDefinition`), or of a dict assigned in the file or in a
    class body (`MODULE`, `Billing.module`); None means a bare dict expression. Each of the other
    fields lists the keys that carry the meaning, the first one present wins.
    """

    file: str = "definition.py"
    symbol: str | None = "ModuleDefinition"
    name: tuple[str, ...] = ("code", "name")
    tier: tuple[str, ...] = ("tier",)
    requires: tuple[str, ...] = ("requires",)
    core: tuple[str, ...] = ("is_core",)
    internal: tuple[str, ...] = ("is_internal",)
    versions: tuple[str, ...] = ("migrations_path", "paths.migrations", "paths.versions")
    models: tuple[str, ...] = ("models_path", "paths.models")
    components: tuple[str, ...] = ("components",)
    auto_install: tuple[str, ...] = ("auto_install",)
    tiers: Mapping[str, Tier] = field(default_factory=lambda: MappingProxyType({}))
    configured: bool = False


@dataclass(frozen=True)
class ModuleTable:
    """`[tool.modalembic.module.NAME]`: a module declared, or a discovered one corrected.

    None, or an empty `labels`, means that the table does not say.
    """

    name: str
    line: int | None = None
    path: str | None = None
    package: str | None = None
    versions: str | None = None
    tier: Tier | None = None
    requires: tuple[str, ...] | None = None
    models: tuple[str, ...] | None = None
    multiple_heads: bool | None = None
    auto_install: bool | None = None
    labels: Mapping[str, str] = field(default_factory=lambda: MappingProxyType({}))


@dataclass(frozen=True)
class DriftIgnore:
    """`[[tool.modalembic.drift.ignore]]`: findings that are meant to be. `rule` and `name` are
    patterns in the manner of the shell; `reason` says why."""

    name: str
    reason: str
    rule: str = "drift/*"


@dataclass(frozen=True)
class StructureIgnore:
    """`[[tool.modalembic.structure.ignore]]`: a rule of `check structure` that is switched off for
    a module. `rule`, `module` and `name` (of a finding) are patterns in the manner of the shell;
    `reason` says why."""

    rule: str
    reason: str
    module: str = "*"
    name: str = "*"


@dataclass(frozen=True)
class StructureSettings:
    """`[tool.modalembic.structure]`: how modules are cut.

    `public` are the components that other modules may import; `central` the dotted names of the old
    central places (None: as `check structure` finds them).
    """

    public: tuple[str, ...] = ("config", "exceptions", "models", "schemas", "services")
    central: tuple[str, ...] | None = None
    ignores: tuple[StructureIgnore, ...] = ()


@dataclass(frozen=True)
class NewModuleSettings:
    """`[tool.modalembic.new_module]`: what `new-module` writes. None: what it does by default.

    `templates` is a directory below the project, `base` the `module:Class` that models derive from.
    """

    components: tuple[str, ...] | None = None
    templates: str | None = None
    base: str | None = None


@dataclass(frozen=True)
class HookSettings:
    """`[tool.modalembic.hooks]`: commands around a run, each a program and its arguments; None for
    one that there is not. `timeout` in seconds, 0 for none; `database_url` says whether they find
    the database's URL, with its password, in their environment."""

    before: tuple[str, ...] | None = None
    after: tuple[str, ...] | None = None
    on_failure: tuple[str, ...] | None = None
    timeout: float = 300.0
    database_url: bool = False


@dataclass(frozen=True)
class Configuration:
    """Everything that a project can say, with the defaults filled in.

    `root` is the project's directory (absolute), `file` where the configuration was read.
    Durations are seconds.
    """

    root: Path
    file: Path
    modules: tuple[str, ...] = ()
    entry_points: tuple[str, ...] = ()
    locations: Mapping[str, str] = field(default_factory=lambda: MappingProxyType({}))
    module: Mapping[str, ModuleTable] = field(default_factory=lambda: MappingProxyType({}))
    manifest: ManifestShape = field(default_factory=ManifestShape)
    versions: tuple[str, ...] = ("migrations/versions", "migrations")
    multiple_heads: bool = False
    models: tuple[str, ...] = ("{package}.models",)
    model_entry_points: tuple[str, ...] = ()
    owners: Mapping[str, str] = field(default_factory=lambda: MappingProxyType({}))
    metadata: str | None = None
    naming_convention: Mapping[str, str] | None = None
    context: str | None = None
    script_location: str | None = None
    alembic_config: str | None = None
    sys_path: tuple[str, ...] | None = None
    database: str | None = None
    migration_database: str | None = None
    scratch: str | None = None
    schemas: tuple[str, ...] = ()
    base: str | None = None
    drift_ignores: tuple[DriftIgnore, ...] = ()
    drift_compares: tuple[str, ...] = ()
    drift_cache: bool = True
    version_table: str | None = None
    version_table_schema: str | None = None
    allow_orphans: tuple[str, ...] = ()
    allow_links: tuple[str, ...] = ()
    strict: bool = False
    lock_wait: float = 60.0
    lock_timeout: float = 5.0
    statement_timeout: float = 0.0
    retries: int = 5
    timeout: float = 0.0
    allow_pooler: bool = False
    hooks: HookSettings = field(default_factory=HookSettings)
    post_write_hooks: tuple[str, ...] | None = None
    structure: StructureSettings = field(default_factory=StructureSettings)
    new_module: NewModuleSettings = field(default_factory=NewModuleSettings)
    move_files: tuple[str, ...] = ("pyproject.toml", "modalembic.toml", "*.ini", "*.cfg")
    embedded_data: Path | None = None
    embedded_programs: Path | None = None
    container_image: str | None = None
    environment_database: str | None = None
    environment_migration_database: str | None = None
    environment_scratch: str | None = None
    cache_directory: Path | None = None

    def line_of(self, *keys: str) -> int | None:
        """The line (1-based) of a key of this configuration in `file`, or None."""
        from modalembic.config.toml import line_of

        prefix = () if self.file.name == "modalembic.toml" else ("tool", "modalembic")
        return line_of(self.file, (*prefix, *keys))

    def line_of_entry(self, number: int, *keys: str) -> int | None:
        """The line of an entry of a list, which may be an array of tables; else the list's."""
        return self.line_of(*keys, str(number)) or self.line_of(*keys)
