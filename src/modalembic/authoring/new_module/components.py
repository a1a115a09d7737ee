"""The files of a module: templates, of which each belongs to a component."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from modalembic.errors import ConfigurationError, ModuleTemplateError, UsageError
from modalembic.project import Project
from modalembic.runtime.environment.templates import template_directory

ALWAYS = ("__init__", "definition", "migrations")
_MAKO = ".mako"


@dataclass(frozen=True)
class Template:
    """A file of a module: `name` is its path below the module, `source` the template. Those that
    end with `.mako` are rendered, others are copied."""

    name: str
    source: Path

    @property
    def component(self) -> str:
        """The first part of its path, without a suffix: `services`, `config`."""
        return self.name.partition("/")[0].partition(".")[0]


def templates(project: Project) -> tuple[Template, ...]:
    """All templates: modalembic's own, but for components that the project has templates of its own
    for. Raises ConfigurationError where the project's directory of templates is not there."""
    own = {each.name: each for each in _below(template_directory("module"))}
    configured = project.configuration.new_module.templates
    if configured is None:
        return tuple(own.values())
    directory = project.root / configured
    if not directory.is_dir():
        raise ConfigurationError(
            f"new_module.templates: there is no directory {configured}",
            hint="it is below the project's directory",
            path=project.configuration.file,
            line=project.configuration.line_of("new_module", "templates"),
        )
    theirs = tuple(_below(directory))
    replaced = {each.component for each in theirs}
    return (*(each for each in own.values() if each.component not in replaced), *theirs)


def _below(directory: Path) -> Iterator[Template]:
    for path in sorted(directory.rglob("*")):
        if path.is_file() and "__pycache__" not in path.parts:
            yield Template(path.relative_to(directory).as_posix(), path)


def chosen_components(
    project: Project, known: Iterable[str], asked: tuple[str, ...] | None
) -> tuple[str, ...]:
    """The components to make, those that every module has included: what was asked for, else what
    the configuration says, else all. Raises UsageError or ConfigurationError for an unknown one."""
    known = sorted({*known, *ALWAYS})
    configured = project.configuration.new_module.components
    wanted = asked if asked is not None else configured
    if wanted is None:
        return tuple(known)
    unknown = [name for name in wanted if name not in known]
    if unknown:
        message = f"there is no component {unknown[0]!r}; nothing was written"
        hint = f"the components are {', '.join(known)}"
        if asked is not None:
            raise UsageError(message, hint=hint)
        raise ConfigurationError(
            f"new_module.components: {message}",
            hint=hint,
            path=project.configuration.file,
            line=project.configuration.line_of("new_module", "components"),
        )
    return tuple(name for name in known if name in wanted or name in ALWAYS)


def rendered(template: Template, values: Mapping[str, Any]) -> tuple[str, str]:
    """The path below the module and the text of a file. In both, Mako fills in `values`.

    Raises ModuleTemplateError where that fails.
    """
    name = _filled(template, template.name.removesuffix(_MAKO), values)
    text = _read(template)
    if template.name.endswith(_MAKO):
        text = _filled(template, text, values)
    return name, text


def _read(template: Template) -> str:
    try:
        return template.source.read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError) as error:
        raise ModuleTemplateError(
            f"the template {template.name} cannot be read: {error}; nothing was written",
            path=template.source,
        ) from error


def _filled(template: Template, text: str, values: Mapping[str, Any]) -> str:
    if "$" not in text and "%" not in text and "<" not in text:
        return text
    from mako.exceptions import RichTraceback
    from mako.template import Template as MakoTemplate

    try:
        made = MakoTemplate(text, strict_undefined=True).render(**values)  # noqa: S702 - no HTML
    except Exception as error:
        lineno = getattr(error, "lineno", None) or RichTraceback(error).lineno
        raise ModuleTemplateError(
            f"the template {template.name} cannot be rendered: {error}; nothing was written",
            hint=f"a template may use {', '.join(sorted(values))}",
            path=template.source,
            line=lineno if isinstance(lineno, int) and lineno > 0 else None,
        ) from error
    return str(made)
