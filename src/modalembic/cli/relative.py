"""Targets such as `-1`, which look like options."""

from __future__ import annotations

import re
from typing import Any

from typer.core import TyperCommand

_RELATIVE = re.compile(r"-\d+")


class RelativeTargets(TyperCommand):
    """A command whose TARGET may be `-1`: nobody has to write `-- -1` for it."""

    def parse_args(self, ctx: Any, args: list[str]) -> list[str]:
        return super().parse_args(ctx, self._with_targets_last(args))

    def _with_targets_last(self, args: list[str]) -> list[str]:
        end = args.index("--") if "--" in args else len(args)
        targets = [
            place
            for place in range(end)
            if _RELATIVE.fullmatch(args[place]) and not self._takes_value(args[place - 1 : place])
        ]
        if not targets:
            return args
        others = [arg for place, arg in enumerate(args[:end]) if place not in targets]
        return [*others, "--", *(args[place] for place in targets), *args[end + 1 :]]

    def _takes_value(self, before: list[str]) -> bool:
        return any(
            option in before and not getattr(parameter, "is_flag", True)
            for parameter in self.params
            for option in parameter.opts
        )
