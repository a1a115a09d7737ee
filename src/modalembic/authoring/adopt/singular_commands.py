"""Commands that mean one head: in scripts, pipelines, images, Makefiles, and strings of Python.

They stand in all sorts of notation, and nothing is changed by what is found here; so patterns will
do. A command may be words in a line, or a list in JSON or YAML."""

from __future__ import annotations

import re
from collections.abc import Iterator

Insertion = tuple[int, str]
"""Where something is missing, and what."""

_WORD = r"[^\s\"',\[\]&|;`\\]+"
_BETWEEN = r"(?:[ \t\"',\[\]]|\\\r?\n|,\s*\n|\n[ \t]*-[ \t]+)+"
_ALEMBIC = re.compile(
    rf"\balembic(?:{_BETWEEN}{_WORD}){{0,12}}?{_BETWEEN}(?:upgrade|stamp|show|history|current)"
    rf"(?:{_BETWEEN}{_WORD}){{0,8}}?{_BETWEEN}(?:[^\s\"',@`]*:)?head(?![\w.@:+/-])"
)
_FLASK = re.compile(
    rf"\b(?:flask|quart|manage\.py)(?:{_BETWEEN}{_WORD}){{0,8}}?{_BETWEEN}db{_BETWEEN}"
    r"(?:upgrade|stamp)\b(?![\w.-])"
)
_IN_LINE = re.compile(rf"(?:[ \t]|\\\r?\n)+({_WORD})")
_IN_LIST = re.compile(rf"{_BETWEEN}({_WORD})")
_WITH_VALUE = frozenset({"-d", "--directory", "--tag", "-x", "--x-arg"})


def in_commands(text: str) -> Iterator[Insertion]:
    """What would make several heads of one in the commands of `text`."""
    for found in _ALEMBIC.finditer(text):
        yield found.end(), "s"
    for found in _FLASK.finditer(text):
        yield from _in_flask(text, found.end())


def _in_flask(text: str, end: int) -> Iterator[Insertion]:
    """`flask db upgrade` means one head, unless it is followed by something else."""
    quote = text[end : end + 1] if text[end : end + 1] in {'"', "'"} else ""
    word = re.search(r"\w+$", text[:end])
    assert word is not None
    before = text[word.start() - 1 : word.start()]
    listed = (quote != "" and before == quote) or _is_item(text, word.start())
    pattern, at = (_IN_LIST if listed else _IN_LINE), end
    expects_value = False
    while (found := pattern.match(text, at)) is not None:
        at = found.end()
        if expects_value or found[1].startswith("-"):
            expects_value = not expects_value and found[1] in _WITH_VALUE
            continue
        if found[1] == "head":
            yield at, "s"
        return
    yield _missing(text, end, quote if listed else "")


def _is_item(text: str, begin: int) -> bool:
    """Whether what begins here is an item of a list in YAML."""
    line = text[text.rfind("\n", 0, begin) + 1 : begin]
    return re.fullmatch(r"[ \t]*-[ \t]+[\"']?", line) is not None


def _missing(text: str, end: int, quote: str) -> Insertion:
    begin = text.rfind("\n", 0, end) + 1
    item = re.match(
        r"([ \t]*-[ \t]+)[\"']?(?:upgrade|stamp)[\"']?$", text[begin : end + len(quote)]
    )
    if item is not None:
        return end + len(quote), f"\n{item[1]}heads"
    return (end + 1, f", {quote}heads{quote}") if quote else (end, " heads")
