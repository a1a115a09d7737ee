"""`move`: whoever uses what moves uses it at its new place."""

from __future__ import annotations

from pathlib import Path
from textwrap import dedent

import pytest

from tests.authoring.moving import after, application

FILE = ("app.models.tier", "app.modules.billing.models.tier")
NAME = ("app.models.tier:Tier", "app.modules.billing.models.tier")

BOTH = {
    "absolute": (
        "from app.models.tier import Tier\n",
        "from app.modules.billing.models.tier import Tier\n",
    ),
    "through the package": (
        "from app.models import Tier\n",
        "from app.modules.billing.models.tier import Tier\n",
    ),
    "relative": (
        "from ..models.tier import Tier\n",
        "from app.modules.billing.models.tier import Tier\n",
    ),
    "relative, through the package": (
        "from ..models import Tier as T\n",
        "from app.modules.billing.models.tier import Tier as T\n",
    ),
    "with a comment": (
        "# The tiers.\nfrom app.models.tier import Tier  # noqa: F401\n",
        "# The tiers.\nfrom app.modules.billing.models.tier import Tier  # noqa: F401\n",
    ),
    "beside a name that stays": (
        "from app.models import User, Tier\n",
        "from app.models import User\nfrom app.modules.billing.models.tier import Tier\n",
    ),
    "in brackets": (
        """\
        from app.models import (
            Tier,  # what they pay
            User,
        )
        """,
        """\
        from app.models import (
            User,
        )
        from app.modules.billing.models.tier import (
            Tier,  # what they pay
        )
        """,
    ),
    "for type checkers": (
        """\
        from typing import TYPE_CHECKING

        if TYPE_CHECKING:
            from app.models import Tier


        def price(tier: "Tier") -> int: ...
        """,
        """\
        from typing import TYPE_CHECKING

        if TYPE_CHECKING:
            from app.modules.billing.models.tier import Tier


        def price(tier: "Tier") -> int: ...
        """,
    ),
    "on one line with the condition": (
        "import typing\nif typing.TYPE_CHECKING: from app.models import Tier\n",
        (
            "import typing\nif typing.TYPE_CHECKING: from app.modules.billing.models.tier import "
            "Tier\n"
        ),
    ),
    "in a function": (
        """\
        def price():
            from app.models.tier import Tier

            return Tier
        """,
        """\
        def price():
            from app.modules.billing.models.tier import Tier

            return Tier
        """,
    ),
    "tried": (
        """\
        try:
            from app.models.tier import Tier
        except ImportError:
            Tier = None
        """,
        """\
        try:
            from app.modules.billing.models.tier import Tier
        except ImportError:
            Tier = None
        """,
    ),
    "two statements on a line": (
        "import os; from app.models import Tier; x = 1\n",
        "import os; from app.modules.billing.models.tier import Tier; x = 1\n",
    ),
    "a package used at run time": (
        """\
        from app import models


        def price():
            return models.Tier, models.User
        """,
        """\
        from app import models
        from app.modules.billing.models import tier


        def price():
            return tier.Tier, models.User
        """,
    ),
    "a package that has no other use": (
        "from app import models as m\n\nprices = [m.Tier]\n",
        "from app.modules.billing.models import tier\n\nprices = [tier.Tier]\n",
    ),
    "a package of which the last part is taken": (
        "import app.models as m\n\ntier = m.Tier\n",
        "from app.modules.billing.models import tier as models_tier\n\ntier = models_tier.Tier\n",
    ),
    "the whole path": (
        "import app.models\n\nx = app.models.Tier.__name__, app.models.User\n",
        (
            "import app.models\nimport app.modules.billing.models.tier\n\n"
            "x = app.modules.billing.models.tier.Tier.__name__, app.models.User\n"
        ),
    ),
    "a local name that only looks like it": (
        "import app.models\n\n\ndef price(app):\n    return app.models.Tier\n",
        None,
    ),
    "a relative package": (
        "from .. import models\n\nprices = [models.Tier]\n",
        "from app.modules.billing.models import tier\n\nprices = [tier.Tier]\n",
    ),
    "a package that a function imports": (
        """\
        def price():
            from app import models

            return models.Tier


        models = 1
        """,
        """\
        def price():
            from app.modules.billing.models import tier

            return tier.Tier


        models = 1
        """,
    ),
    "a keyword of that name": (
        "from app import models\n\nx = f(models=models.User)\n",
        None,
    ),
    "a string annotation": (
        'from app import models\n\n\ndef price(tier: "models.Tier | None"): ...\n',
        (
            "from app.modules.billing.models import tier as models_tier\n\n\n"
            'def price(tier: "models_tier.Tier | None"): ...\n'
        ),
    ),
    "mock.patch": (
        'patch("app.models.tier.Tier.price")\n',
        'patch("app.modules.billing.models.tier.Tier.price")\n',
    ),
    "an entry point": (
        "spec = 'app.models.tier:Tier'\n",
        "spec = 'app.modules.billing.models.tier:Tier'\n",
    ),
    "a relationship by its whole path": (
        'x = relationship("app.models.tier.Tier")\n',
        'x = relationship("app.modules.billing.models.tier.Tier")\n',
    ),
    "a relationship by an end of its path": (
        'x = relationship("models.tier.Tier")\n',
        None,
    ),
    "an expression in a relationship": (
        'x = relationship("User", primaryjoin="app.models.tier.Tier.id == User.tier_id")\n',
        (
            'x = relationship("User", primaryjoin="app.modules.billing.models.tier.Tier.id == '
            'User.tier_id")\n'
        ),
    ),
    "prose": (
        'NOTE = "see app.models.tier.Tier for more"\n"""app.models.tier.Tier"""\n',
        None,
    ),
    "another class of that name": (
        "from app.other.tier import Tier\n\nx = Tier, 'app.other.tier.Tier'\n",
        None,
    ),
}
OF_FILES = {
    "the module": (
        "from app.models import tier\n\nx = tier.Tier, tier.cheapest\n",
        "from app.modules.billing.models import tier\n\nx = tier.Tier, tier.cheapest\n",
    ),
    "the module, renamed": (
        "import app.models.tier as tiers\n\nx = tiers.cheapest()\n",
        "import app.modules.billing.models.tier as tiers\n\nx = tiers.cheapest()\n",
    ),
    "the module by its path": (
        "import app.models.tier\n\nx = app.models.tier.cheapest()\n",
        (
            "import app.modules.billing.models.tier\n\n"
            "x = app.modules.billing.models.tier.cheapest()\n"
        ),
    ),
    "the module by its path, which made the package usable": (
        "import app.models.tier\n\nx = app.models.tier.cheapest(), app.models.User\n",
        (
            "import app.models\nimport app.modules.billing.models.tier\n\n"
            "x = app.modules.billing.models.tier.cheapest(), app.models.User\n"
        ),
    ),
    "the module, in a string": (
        'importlib.import_module("app.models.tier")\n',
        'importlib.import_module("app.modules.billing.models.tier")\n',
    ),
}
OF_NAMES = {
    "through its module": (
        "from app.models import tier\n\nx = tier.Tier, tier.cheapest\n",
        (
            "from app.models import tier\n"
            "from app.modules.billing.models import tier as models_tier\n\n"
            "x = models_tier.Tier, tier.cheapest\n"
        ),
    ),
    "a neighbour": ("from app.models.tier import cheapest\n", None),
    "its module, in a string": ('importlib.import_module("app.models.tier")\n', None),
}


@pytest.mark.parametrize("case", sorted({**BOTH, **OF_FILES}))
def test_users_of_a_file_follow_it(tmp_path: Path, case: str) -> None:
    given, expected = {**BOTH, **OF_FILES}[case]
    assert _rewritten(tmp_path, given, FILE) == _text(expected or given)


@pytest.mark.parametrize("case", sorted({**BOTH, **OF_NAMES}))
def test_users_of_a_class_follow_it(tmp_path: Path, case: str) -> None:
    given, expected = {**BOTH, **OF_NAMES}[case]
    assert _rewritten(tmp_path, given, NAME) == _text(expected or given)


def _rewritten(root: Path, given: str, move: tuple[str, str]) -> str:
    models = "from .tier import Tier as Tier\nfrom .user import User as User\n"
    project = application(
        root,
        {
            "app/services/__init__.py": "",
            "app/services/prices.py": given,
            "app/models/__init__.py": models,
            "app/models/user.py": "class User: ...\n",
        },
    )
    return after(project, *move).get("app/services/prices.py", _text(given))


def _text(given: str) -> str:
    return dedent(given)
