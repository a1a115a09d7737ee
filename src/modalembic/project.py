"""A project as loaded: where every command and every Python caller starts."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path

from modalembic.collector import collector_paused
from modalembic.config import Configuration, load_configuration
from modalembic.config.alembic import AlembicSettings, read_alembic_settings
from modalembic.errors import (
    ModalembicError,
    ModuleNameError,
    NoModules,
    ProjectProblems,
    ProjectWarning,
    RequirementCircle,
    UnknownModule,
)
from modalembic.history.graph import RevisionGraph
from modalembic.history.index import RevisionIndex, build_index
from modalembic.history.links import Links
from modalembic.history.validate import history_problems, history_warnings
from modalembic.modules import Module, discover


@dataclass(frozen=True)
class Project:
    """Configuration, modules (in order) and revision index. No revision file, model or manifest has
    been imported, and no database asked.

    `search` are the directories that the project puts in front of `sys.path`. What is wrong is kept
    in `problems`: commands that plan or run call `require_sound`, commands that report show it.
    """

    configuration: Configuration
    alembic: AlembicSettings
    modules: tuple[Module, ...]
    index: RevisionIndex
    graph: RevisionGraph
    problems: tuple[ModalembicError, ...]
    warnings: tuple[ProjectWarning, ...]
    search: tuple[Path, ...]

    @classmethod
    def load(
        cls, directory: Path | str | None = None, *, environ: Mapping[str, str] | None = None
    ) -> Project:
        """Load the project in `directory`, or the nearest one above the current directory.

        Raises NotAProject or ConfigurationError; all else that is wrong is in `problems`.
        """
        with collector_paused():
            return cls.of(load_configuration(directory, environ=environ))

    @classmethod
    def of(cls, configuration: Configuration) -> Project:
        """The project that `configuration` describes, whether or not it was read from a file.

        Raises ConfigurationError for Alembic's own; all else that is wrong is in `problems`.
        """
        alembic = read_alembic_settings(configuration.root, configuration.alembic_config)
        search = _search_path(configuration, alembic)
        discovery = discover(configuration, search)
        index = build_index(
            discovery.modules,
            project=configuration.root,
            cache_directory=configuration.cache_directory,
            search=search,
            recursive=alembic.recursive_version_locations,
            links=Links.of(configuration, search, discovery.modules),
        )
        graph = RevisionGraph(index.revisions)
        by_name = {module.name: module for module in discovery.modules}
        unread = (*discovery.problems, *index.problems)
        # These two lose no revisions; after all others, some may be missing only for that reason.
        complete = all(isinstance(p, RequirementCircle | ModuleNameError) for p in unread)
        problems = (*unread, *history_problems(graph, by_name, complete=complete))
        if not discovery.modules and not problems:
            problems = (_no_modules(configuration),)
        return cls(
            configuration=configuration,
            alembic=alembic,
            modules=discovery.modules,
            index=index,
            graph=graph,
            problems=problems,
            warnings=(*discovery.warnings, *index.warnings, *history_warnings(graph)),
            search=search,
        )

    @property
    def root(self) -> Path:
        """The project's directory."""
        return self.configuration.root

    @cached_property
    def by_name(self) -> Mapping[str, Module]:
        """The modules by name."""
        return {module.name: module for module in self.modules}

    @property
    def module_order(self) -> tuple[str, ...]:
        """The names of the modules in order."""
        return tuple(module.name for module in self.modules)

    def module(self, name: str) -> Module:
        """The module called `name`. Raises UnknownModule."""
        if name not in self.by_name:
            raise UnknownModule(
                f"there is no module {name!r}", hint=f"the modules are {', '.join(self.by_name)}"
            )
        return self.by_name[name]

    def require_sound(self) -> None:
        """Raise what is wrong with the project: one error as itself, several as ProjectProblems."""
        if len(self.problems) == 1:
            raise self.problems[0]
        if self.problems:
            raise ProjectProblems(self.problems)


def _search_path(configuration: Configuration, alembic: AlembicSettings) -> tuple[Path, ...]:
    """`sys_path` of the configuration, else Alembic's `prepend_sys_path`, else the project and its
    `src`, as most layouts have it."""
    if configuration.sys_path is not None:
        entries = configuration.sys_path
    elif alembic.prepend_sys_path:
        entries = (*alembic.prepend_sys_path, ".")
    else:
        entries = (".", "src") if (configuration.root / "src").is_dir() else (".",)
    return tuple(dict.fromkeys((configuration.root / entry).resolve() for entry in entries))


def _no_modules(configuration: Configuration) -> NoModules:
    return NoModules(
        "the project has no modules",
        hint='say where they are, as in modules = ["app/modules/*"]',
        path=configuration.file,
        line=configuration.line_of("modules"),
    )
