"""Foreign keys between modules: only to tables of modules that are required."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

from modalembic.checks.finding import Finding
from modalembic.checks.structure.required import required_by
from modalembic.errors import ImportFailed, ModelsNotFound, ObjectNotFound
from modalembic.project import Project

if TYPE_CHECKING:
    from modalembic.runtime.models.loaded import LoadedModels, ModelTable


def foreign_keys(project: Project) -> Iterator[Finding]:
    """A finding for each foreign key to a table of a module that the table's owner does not
    require. The models are imported; if that fails, it is a finding."""
    from modalembic.runtime.models.application import application_context
    from modalembic.runtime.models.loaded import load_models

    try:
        with application_context(project):
            loaded = load_models(project)
    except (ImportFailed, ModelsNotFound, ObjectNotFound) as error:
        yield Finding(
            rule=f"structure/{error.code}",
            severity="error",
            message=f"{error.message}, so that no foreign keys were checked",
            module=getattr(error, "module", None),
            path=error.path,
            line=error.line,
            fix=error.hint,
        )
        return
    for table in loaded.tables:
        yield from _of_table(project, loaded, table)


def _of_table(project: Project, loaded: LoadedModels, table: ModelTable) -> Iterator[Finding]:
    if table.owner is None:
        return
    required = required_by(project, table.owner)
    targets = {
        key.target_fullname.rpartition(".")[0]: key.parent.name
        for key in sorted(table.table.foreign_keys, key=lambda key: key.parent.name, reverse=True)
    }
    for target, column in sorted(targets.items()):
        owner = loaded.owners.get(target)
        if owner is None or owner == table.owner or owner in required:
            continue
        yield Finding(
            rule="structure/undeclared-foreign-key",
            severity="error",
            message=f"{table.key}.{column} of {table.owner} refers to {target} of {owner}, which "
            f"{table.owner} does not require",
            module=table.owner,
            object="table",
            name=table.key,
            part=column,
            expected="required",
            actual=owner,
            path=table.definition.path,
            line=table.definition.line,
            fix=f"have {table.owner} require {owner}",
        )
