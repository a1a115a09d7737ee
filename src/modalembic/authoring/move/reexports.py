"""What stays at an old place: lazy re-exports, which work whichever module is imported first.

    if TYPE_CHECKING:
        from app.modules.billing.models.tier import Tier

    _MOVED = {  # modalembic: re-export
        "Tier": "app.modules.billing.models.tier:Tier",
    }


    def __getattr__(name: str) -> object: …


    import app.modules.billing.models.tier  # noqa: E402, F401

An eager re-export would fail when the new module comes first and imports something of the old
package; a lazy one alone would hide models from the mapper registry, hence the last line.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace

import libcst as cst
from libcst.helpers import ensure_type

from modalembic.authoring.move.carried import Carried
from modalembic.authoring.move.insert import with_imports
from modalembic.authoring.move.relocations import Place
from modalembic.authoring.move.replace import Replacements
from modalembic.authoring.move.toplevel import bindings, is_type_checking
from modalembic.authoring.move.tree import SourceFile
from modalembic.checks.structure.shims import MARK, TABLE
from modalembic.errors import MoveUnclear

_LAST = "# noqa: E402, F401"
_FUNCTION = """\
def __getattr__(name: str) -> object:
    if name not in _MOVED:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    from importlib import import_module

    module, _, attribute = _MOVED[name].partition(":")
    return getattr(import_module(module), attribute)
"""


@dataclass(frozen=True)
class ReExports:
    """The re-exports of one file: each name with its new place, and the modules that the file
    imports for their effect."""

    names: Mapping[str, Place] = field(default_factory=dict)
    modules: tuple[str, ...] = ()

    def __bool__(self) -> bool:
        return bool(self.names or self.modules)

    def joined(self, names: Mapping[str, Place], modules: Iterable[str]) -> ReExports:
        """With others added."""
        return ReExports({**self.names, **names}, tuple(sorted({*self.modules, *modules})))

    def without(self, names: Iterable[str]) -> ReExports:
        """Without the re-exports of `names`; what is imported for its effect stays."""
        gone = set(names)
        return replace(self, names={n: p for n, p in self.names.items() if n not in gone})


def read_re_exports(module: cst.Module) -> ReExports:
    """The re-exports that a file has."""
    names: dict[str, Place] = {}
    modules = []
    for statement in module.body:
        if _is_table(statement):
            names.update(_entries(statement))
        elif _is_last_import(statement):
            modules.append(_imported(statement))
    return ReExports(names, tuple(modules))


def without_re_exports(module: cst.Module) -> cst.Module:
    """The rest of a file."""
    names = read_re_exports(module).names
    wanted = Replacements()
    for statement in module.body:
        if is_type_checking(statement):
            _drop_names(statement, names, wanted)
    module = wanted.applied(module)
    body = [statement for statement in module.body if not is_part_of_re_exports(statement)]
    return module.with_changes(body=body)


def is_part_of_re_exports(statement: cst.CSTNode) -> bool:
    """Whether a statement is the table, the function or an import at the end."""
    return _is_table(statement) or _is_function(statement) or _is_last_import(statement)


def with_re_exports(
    file: SourceFile, module: cst.Module, exports: ReExports, width: int
) -> cst.Module:
    """A file without re-exports, with these. Raises MoveUnclear for a file that has a
    `__getattr__` of its own."""
    if not exports:
        return module
    found = bindings(module)
    taken = {each.name for each in found if not isinstance(each.node, cst.Import)}
    if exports.names and "__getattr__" in taken:
        raise MoveUnclear(
            f"{file.path.name} has a __getattr__ of its own, which the re-exports would need; "
            "nothing was written",
            hint="--no-shim leaves none",
            path=file.path,
        )
    if exports.names:
        listed = _listed(module)
        module = with_imports(file, module, _for_checkers(exports, listed), width)
    return _appended(module, exports, taken, width)


def listed_names(module: cst.Module) -> tuple[str, ...]:
    """What `__all__` lists, as far as it is written out."""
    return tuple(_listed(module))


def _for_checkers(exports: ReExports, listed: Iterable[str]) -> Iterable[Carried]:
    known = set(listed)
    for name, place in sorted(exports.names.items()):
        if place.name is not None and (name in known or not name.startswith("_")):
            explicit = name if name not in known or name != place.name else None
            yield Carried(place.module, place.name, explicit, typing=True)


def _appended(
    module: cst.Module, exports: ReExports, taken: Iterable[str], width: int
) -> cst.Module:
    text = ""
    if exports.names:
        entries = "".join(_entry(*each, width) for each in sorted(exports.names.items()))
        text = f"{TABLE} = {{  {MARK}\n{entries}}}\n\n\n{_FUNCTION}"
    for index, name in enumerate(exports.modules):
        gap = "\n\n" if exports.names and not index else ""
        text += f"{gap}import {name}{_renamed(name, taken)}  {_LAST}\n"
    return _with_text(module, text)


def _entry(name: str, place: Place, width: int) -> str:
    """A line of the table; a string cannot be wrapped."""
    line = f'    "{name}": "{place}",'
    return f"{line}  # noqa: E501\n" if len(line) > width else f"{line}\n"


def _renamed(module: str, taken: Iterable[str]) -> str:
    """`import app.x` binds `app`, which may be something else here."""
    top, _, _ = module.partition(".")
    return f" as _{module.rpartition('.')[2]}" if top in taken else ""


def _with_text(module: cst.Module, text: str) -> cst.Module:
    added = list(cst.parse_module(text).body)
    if module.body and added:
        large = isinstance(module.body[-1], cst.ClassDef | cst.FunctionDef)
        blank = [cst.EmptyLine(indent=False)] * (2 if large else 1)
        own = getattr(added[0], "leading_lines", ())
        added[0] = added[0].with_changes(leading_lines=(*module.footer, *blank, *own))
        module = module.with_changes(footer=())
    return module.with_changes(body=[*module.body, *added], has_trailing_newline=True)


def _is_table(statement: cst.CSTNode) -> bool:
    match statement:
        case cst.SimpleStatementLine(
            body=[cst.Assign(targets=[cst.AssignTarget(target=cst.Name(value=name))])]
        ):
            return name == TABLE and MARK in cst.Module([]).code_for_node(statement)
    return False


def _is_function(statement: cst.CSTNode) -> bool:
    match statement:
        case cst.FunctionDef(name=cst.Name(value="__getattr__")):
            return TABLE in cst.Module([]).code_for_node(statement)
    return False


def _is_last_import(statement: cst.CSTNode) -> bool:
    match statement:
        case cst.SimpleStatementLine(body=[cst.Import(names=[cst.ImportAlias()])]):
            comment = statement.trailing_whitespace.comment
            return comment is not None and comment.value == _LAST
    return False


def _imported(statement: cst.CSTNode) -> str:
    line = ensure_type(statement, cst.SimpleStatementLine)
    return ensure_type(line.body[0], cst.Import).names[0].evaluated_name


def _entries(statement: cst.CSTNode) -> Mapping[str, Place]:
    line = ensure_type(statement, cst.SimpleStatementLine)
    value = ensure_type(line.body[0], cst.Assign).value
    found: dict[str, Place] = {}
    for element in value.elements if isinstance(value, cst.Dict) else ():
        match element:
            case cst.DictElement(key=cst.SimpleString() as key, value=cst.SimpleString() as text):
                module, _, name = str(text.evaluated_value).partition(":")
                found[str(key.evaluated_value)] = Place(module, name or None)
    return found


def _drop_names(statement: cst.CSTNode, names: Mapping[str, Place], wanted: Replacements) -> None:
    block = ensure_type(statement, cst.If).body
    for line in block.body:
        smalls: Sequence[cst.CSTNode] = (
            line.body if isinstance(line, cst.SimpleStatementLine) else ()
        )
        for small in smalls:
            if not isinstance(small, cst.ImportFrom) or isinstance(small.names, cst.ImportStar):
                continue
            stay = [a for a in small.names if (a.evaluated_alias or a.evaluated_name) not in names]
            if len(stay) < len(small.names):
                last = small.names[-1].comma
                kept = [*stay[:-1], stay[-1].with_changes(comma=last)] if stay else []
                wanted.smalls[small] = [small.with_changes(names=kept)] if kept else []


def _listed(module: cst.Module) -> Iterable[str]:
    for statement in module.body:
        match statement:
            case cst.SimpleStatementLine(
                body=[
                    cst.Assign(targets=[cst.AssignTarget(target=cst.Name(value="__all__"))])
                    | cst.AugAssign(target=cst.Name(value="__all__"))
                    | cst.AnnAssign(target=cst.Name(value="__all__")) as small
                ]
            ):
                value = small.value
                if isinstance(value, cst.List | cst.Tuple | cst.Set):
                    for element in value.elements:
                        if isinstance(element.value, cst.SimpleString):
                            yield str(element.value.evaluated_value)
