"""Celery tasks keep the names under which they are registered."""

from __future__ import annotations

from collections.abc import Mapping

import libcst as cst
from libcst import matchers

from modalembic.authoring.move.parsed import Parsed, dotted_of
from modalembic.authoring.move.replace import Replacements
from modalembic.authoring.move.strings import TASK_DECORATORS
from modalembic.errors import MoveUnclear


def with_task_names(parsed: Parsed, tasks: Mapping[str, str]) -> cst.Module:
    """A file in which each of `tasks` (names of functions or classes, with the name that Celery
    knows them by) says its name. Raises MoveUnclear where there is no place to say it."""
    wanted = Replacements()
    for statement in parsed.module.body:
        match statement:
            case cst.FunctionDef(name=cst.Name(value=str() as name)) if name in tasks:
                _name_function(parsed, statement, tasks[name], wanted)
            case cst.ClassDef(name=cst.Name(value=str() as name)) if name in tasks:
                _name_class(statement, tasks[name], wanted)
    return wanted.applied(parsed.module) if wanted else parsed.module


def _name_function(
    parsed: Parsed, function: cst.FunctionDef, name: str, wanted: Replacements
) -> None:
    for decorator in function.decorators:
        expression = decorator.decorator
        called = expression.func if isinstance(expression, cst.Call) else expression
        if (dotted_of(called) or "").rpartition(".")[2] not in TASK_DECORATORS:
            continue
        arguments = expression.args if isinstance(expression, cst.Call) else ()
        if any(_keyword(argument) == "name" for argument in arguments):
            return
        wanted.expressions[expression] = _call(expression, name)
        return
    raise MoveUnclear(
        f"Celery knows {function.name.value} as {name}, and no decorator shows where to write "
        "that; nothing was written",
        hint=f'give it its name first: name="{name}"',
        path=parsed.path,
        line=parsed.line(function),
    )


def _call(expression: cst.BaseExpression, name: str) -> cst.BaseExpression:
    """The decorator with `name=` as its last argument."""
    code = cst.Module([]).code_for_node
    argument = cst.Arg(
        cst.SimpleString(f'"{name}"'),
        keyword=cst.Name("name"),
        equal=cst.AssignEqual(cst.SimpleWhitespace(""), cst.SimpleWhitespace("")),
    )
    if not isinstance(expression, cst.Call):
        return cst.Call(expression, [argument])
    if not expression.args:
        return expression.with_changes(args=[argument])
    last = expression.args[-1]
    if "\n" not in code(expression):
        comma = cst.Comma(whitespace_after=cst.SimpleWhitespace(" "))
        return expression.with_changes(
            args=[*expression.args[:-1], last.with_changes(comma=comma), argument]
        )
    first = expression.whitespace_before_args
    between = cst.Comma(whitespace_after=first) if "\n" in code(first) else cst.Comma()
    return expression.with_changes(
        args=[
            *expression.args[:-1],
            last.with_changes(comma=between),
            argument.with_changes(comma=last.comma),
        ]
    )


def _name_class(task: cst.ClassDef, name: str, wanted: Replacements) -> None:
    """A task that is a class has its name as an attribute."""
    if not isinstance(task.body, cst.IndentedBlock) or _has_name(task.body):
        return
    line = cst.parse_statement(f'name = "{name}"\n')
    assert isinstance(line, cst.SimpleStatementLine)
    body = list(task.body.body)
    has_docstring = cst.ensure_type(task, cst.ClassDef).get_docstring() is not None
    body.insert(1 if has_docstring else 0, line)
    wanted.expressions[task.body] = task.body.with_changes(body=body)


def _has_name(body: cst.IndentedBlock) -> bool:
    lines = [line for line in body.body if isinstance(line, cst.SimpleStatementLine)]
    targets = matchers.findall(
        cst.Module(lines), matchers.AssignTarget(target=matchers.Name("name"))
    )
    return bool(targets)


def _keyword(argument: cst.Arg) -> str | None:
    return None if argument.keyword is None else argument.keyword.value
