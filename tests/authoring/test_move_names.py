"""`move a.b:Name`: what goes along with a class, a function or a constant, and what stays."""

from __future__ import annotations

from pathlib import Path

import pytest

from modalembic.errors import ModalembicError, MoveUnclear, NameClash, SourceNotFound
from tests.authoring.moving import after, application, reworked

TARGET = "app.modules.billing.models.tier"
PATH = "app/modules/billing/models/tier.py"
SHOP = '''\
"""The shop."""

from __future__ import annotations

import enum
import os
from decimal import Decimal
from typing import TYPE_CHECKING

from .base import Base, Kept

if TYPE_CHECKING:
    from app.models.user import User
    from app.models.vendor import Vendor

# ---- users ------------------------------------------------------------------

_LIMIT = 3  # for users
_RATE = Decimal("0.2")


def _rounded(price: Decimal) -> Decimal:
    return price * _RATE


# What a tier is.
# It has two lines.
@os.fspath
class Tier(Base):
    """What a tenant pays for."""

    owner: Mapped[User]  # who pays

    def price(self) -> Decimal:
        # Rounded.
        return _rounded(Decimal(1))


class Interval(enum.Enum):
    MONTH = 1


class Person(Kept):
    limit = _LIMIT
    vendor: Vendor
'''


def test_a_class_takes_its_imports_comments_and_private_names_along(tmp_path: Path) -> None:
    project = application(tmp_path, {"app/models/tier.py": SHOP})
    found = after(project, "app.models.tier:Tier", TARGET)
    assert found[PATH] == (
        "from __future__ import annotations\n"
        "\n"
        "import os\n"
        "from decimal import Decimal\n"
        "from typing import TYPE_CHECKING\n"
        "\n"
        "from app.models.base import Base\n"
        "\n"
        "if TYPE_CHECKING:\n"
        "    from app.models.user import User\n"
        "\n"
        '_RATE = Decimal("0.2")\n'
        "\n"
        "\n"
        "def _rounded(price: Decimal) -> Decimal:\n"
        "    return price * _RATE\n"
        "\n"
        "\n"
        "# What a tier is.\n"
        "# It has two lines.\n"
        "@os.fspath\n"
        "class Tier(Base):\n"
        '    """What a tenant pays for."""\n'
        "\n"
        "    owner: Mapped[User]  # who pays\n"
        "\n"
        "    def price(self) -> Decimal:\n"
        "        # Rounded.\n"
        "        return _rounded(Decimal(1))\n"
    )


def test_what_stays_keeps_its_comments_and_loses_imports_that_nobody_needs(tmp_path: Path) -> None:
    project = application(tmp_path, {"app/models/tier.py": SHOP})
    found = after(project, "app.models.tier:Tier", TARGET, shim=False)
    assert found["app/models/tier.py"] == (
        '"""The shop."""\n'
        "\n"
        "from __future__ import annotations\n"
        "\n"
        "import enum\n"
        "from typing import TYPE_CHECKING\n"
        "\n"
        "from .base import Kept\n"
        "\n"
        "if TYPE_CHECKING:\n"
        "    from app.models.vendor import Vendor\n"
        "\n"
        "# ---- users ------------------------------------------------------------------\n"
        "\n"
        "_LIMIT = 3  # for users\n"
        "\n"
        "\n"
        "class Interval(enum.Enum):\n"
        "    MONTH = 1\n"
        "\n"
        "\n"
        "class Person(Kept):\n"
        "    limit = _LIMIT\n"
        "    vendor: Vendor\n"
    )


def test_a_private_name_that_others_use_stays_and_is_imported(tmp_path: Path) -> None:
    source = "_RATE = 2\n\n\nclass Tier:\n    rate = _RATE\n\n\nclass Other:\n    rate = _RATE\n"
    project = application(tmp_path, {"app/models/tier.py": source})
    found = after(project, "app.models.tier:Tier", TARGET)
    assert "from app.models.tier import _RATE\n" in found[PATH]
    assert "_RATE = 2" in found["app/models/tier.py"]


def test_a_private_name_that_another_file_imports_stays(tmp_path: Path) -> None:
    source = "_RATE = 2\n\n\nclass Tier:\n    rate = _RATE\n"
    user = "from app.models.tier import _RATE\n"
    project = application(tmp_path, {"app/models/tier.py": source, "app/rates.py": user})
    found = after(project, "app.models.tier:Tier", TARGET)
    assert "from app.models.tier import _RATE\n" in found[PATH]
    assert "app/rates.py" not in found


def test_what_stays_imports_what_has_gone_if_it_uses_it(tmp_path: Path) -> None:
    source = "class Tier:\n    pass\n\n\ndef make():\n    return Tier()\n"
    project = application(tmp_path, {"app/models/tier.py": source})
    found = after(project, "app.models.tier:Tier", TARGET)
    assert found["app/models/tier.py"].startswith(f"from {TARGET} import Tier\n")
    assert "_MOVED" not in found["app/models/tier.py"]


def test_a_mapped_annotation_makes_no_circle(tmp_path: Path) -> None:
    source = (
        "from sqlalchemy.orm import Mapped\n\n\n"
        "class Order:\n    lines: Mapped[list['Line']]\n\n\n"
        "class Line:\n    order: Mapped[Order]\n"
    )
    project = application(tmp_path, {"app/models/order.py": source})
    found = after(project, "app.models.order:Line", "app.modules.billing.models.line")
    assert "from app.models.order import Order\n" in found["app/modules/billing/models/line.py"]
    assert (
        "if TYPE_CHECKING:\n    from app.modules.billing.models.line import Line"
        in found["app/models/order.py"]
    )


def test_statements_about_a_class_go_with_it(tmp_path: Path) -> None:
    source = (
        "from sqlalchemy import event\n\n\n"
        "class Tier:\n    pass\n\n\n"
        "Tier.extra = 1\n\n\n"
        '@event.listens_for(Tier, "before_insert")\ndef check(*args):\n    pass\n\n\n'
        "def check_update(*args):\n    pass\n\n\n"
        'event.listen(Tier, "before_update", check_update)\n'
    )
    project = application(tmp_path, {"app/models/tier.py": source})
    found = after(project, "app.models.tier:Tier", TARGET, shim=False)
    assert found[PATH] == source
    assert "app/models/tier.py" not in found


def test_a_type_comment_needs_its_import(tmp_path: Path) -> None:
    source = (
        "from typing import List\n\n\ndef prices():\n    found = []  # type: List[int]\n"
        "    return found\n"
    )
    project = application(tmp_path, {"app/models/tier.py": source})
    found = after(project, "app.models.tier:prices", TARGET)
    assert found[PATH].startswith("from typing import List\n")


def test_an_import_that_is_tried_goes_along_whole(tmp_path: Path) -> None:
    tried = "try:\n    import ujson as json\nexcept ImportError:\n    import json\n"
    source = f"{tried}\n\ndef dump():\n    return json.dumps(1)\n"
    project = application(tmp_path, {"app/models/tier.py": source})
    found = after(project, "app.models.tier:dump", TARGET)
    assert found[PATH] == source


def test_several_names_share_what_they_use(tmp_path: Path) -> None:
    source = "_RATE = 2\n\n\nclass One:\n    rate = _RATE\n\n\nclass Two(One):\n    rate = _RATE\n"
    project = application(tmp_path, {"app/models/tier.py": source})
    found = after(project, "app.models.tier:One,Two", TARGET, shim=False)
    assert found[PATH] == source


def test_names_go_into_a_file_that_is_there(tmp_path: Path) -> None:
    there = (
        '"""Tiers."""\n\nimport os\n\nfrom app.models.tier import Tier\n\n\n'
        "def first():\n    return os.name\n\n\ndef best() -> Tier:\n    return Tier()\n# the end\n"
    )
    project = application(tmp_path, {PATH: there, "app/modules/billing/models/__init__.py": ""})
    found = after(project, "app.models.tier:Tier", TARGET)
    assert found[PATH] == (
        '"""Tiers."""\n\nimport os\n\nfrom app.db import Base\n\n\n'
        "def first():\n    return os.name\n\n\n"
        'class Tier(Base):\n    """What a tenant pays for."""\n\n\n'
        "def best() -> Tier:\n    return Tier()\n# the end\n"
    )


def test_all_of_a_target_lists_what_came(tmp_path: Path) -> None:
    there = '__all__ = [\n    "Apple",  # first\n    "Zoo",\n]\n\nApple = Zoo = 1\n'
    project = application(tmp_path, {PATH: there})
    found = after(project, "app.models.tier:Tier", TARGET)
    assert '__all__ = [\n    "Apple",' in found[PATH]
    assert '    "Tier",\n    "Zoo",\n]' in found[PATH]


def test_line_ends_and_encodings_stay(tmp_path: Path) -> None:
    project = application(tmp_path)
    path = project.root / "app/models/tier.py"
    path.write_bytes(
        b"# -*- coding: latin-1 -*-\r\nNAME = '\xe9'\r\n\r\n\r\nclass Tier:\r\n    x = 1\r\n"
    )
    changes = reworked(project, "app.models.tier:Tier", TARGET, shim=False)
    after_ = {c.path.name: c.after for c in changes.changes if "models" in str(c.path)}
    left = after_["tier.py"]
    assert left is not None
    new = next(c.after for c in changes.changes if c.path.match("billing/models/tier.py"))
    assert new == "class Tier:\r\n    x = 1\r\n"
    old = next(c.after for c in changes.changes if c.path.match("app/models/tier.py"))
    assert old == "# -*- coding: latin-1 -*-\r\nNAME = '\udce9'\r\n"


@pytest.mark.parametrize(
    ("source", "error", "line"),
    [
        ("if True:\n    class Tier: ...\n", MoveUnclear, 2),
        ("try:\n    Tier = 1\nexcept OSError:\n    Tier = 2\n", MoveUnclear, 4),
        ("Tier = 1\nTier = 2\n", MoveUnclear, 2),
        ("class Tier: ...\n\n\nTier = wrap(Tier)\n", MoveUnclear, 4),
        ("Tier, Other = 1, 2\n", MoveUnclear, 1),
        ("Other = 1\n", SourceNotFound, None),
        ("from app.db import Base as Tier\n", SourceNotFound, 1),
        ("from os.path import *\n\nTier = join('a')\n", MoveUnclear, 1),
    ],
)
def test_what_is_not_clear_is_refused_with_its_line(
    tmp_path: Path, source: str, error: type[ModalembicError], line: int | None
) -> None:
    project = application(tmp_path, {"app/models/tier.py": source, "app/models/__init__.py": ""})
    with pytest.raises(error) as caught:
        reworked(project, "app.models.tier:Tier", TARGET)
    assert caught.value.path == project.root / "app/models/tier.py"
    assert caught.value.line == line
    assert "nothing was written" in caught.value.message


@pytest.mark.parametrize(
    ("there", "line"),
    [("import os\n\nTier = 1\n", 3), ("from decimal import Decimal as Base\n", 1)],
)
def test_a_name_that_the_target_has_is_refused(tmp_path: Path, there: str, line: int) -> None:
    project = application(tmp_path, {PATH: there})
    with pytest.raises(NameClash) as caught:
        reworked(project, "app.models.tier:Tier", TARGET)
    assert (caught.value.path, caught.value.line) == (project.root / PATH, line)


def test_names_of_a_star_import_are_found_where_they_are_listed(tmp_path: Path) -> None:
    project = application(
        tmp_path,
        {
            "app/names.py": '__all__ = ["Base"]\n\n\nclass Base: ...\n',
            "app/models/tier.py": "from app.names import *\n\n\nclass Tier(Base): ...\n",
        },
    )
    found = after(project, "app.models.tier:Tier", TARGET)
    assert found[PATH] == "from app.names import Base\n\n\nclass Tier(Base): ...\n"


def test_a_patch_of_what_a_moved_function_uses_patches_it_there(tmp_path: Path) -> None:
    source = (
        "from app.clock import now\nfrom app.mail import send\n\n_RATE = 2\n\n\n"
        "def bill():\n    return now() * _RATE\n\n\ndef other():\n    return send()\n"
    )
    tests = (
        'patch("app.services.bills.now")\npatch("app.services.bills._RATE")\n'
        'patch("app.services.bills.send")\npatch("app.services.bills.bill")\n'
    )
    project = application(
        tmp_path,
        {
            "app/clock.py": "def now(): ...\n",
            "app/mail.py": "def send(): ...\n",
            "app/services/bills.py": source,
            "tests/test_bills.py": tests,
        },
    )
    new = "app.modules.billing.bills"
    found = after(project, "app.services.bills:bill", new)
    assert found["tests/test_bills.py"] == (
        f'patch("{new}.now")\npatch("{new}._RATE")\n'
        f'patch("app.services.bills.send")\npatch("{new}.bill")\n'
    )
    assert "import now" not in found["app/services/bills.py"]


def test_overloads_go_together(tmp_path: Path) -> None:
    source = (
        "from typing import overload\n\n\n@overload\ndef cut(x: int) -> int: ...\n@overload\n"
        "def cut(x: str) -> str: ...\n\n\ndef cut(x):\n    return x\n"
    )
    project = application(tmp_path, {"app/models/tier.py": source})
    found = after(project, "app.models.tier:cut", TARGET, shim=False)
    assert found[PATH].count("def cut") == 3
    assert "app/models/tier.py" not in found


def test_a_name_of_a_package_moves_too(tmp_path: Path) -> None:
    init = (
        "import os\n\nfrom app.models.tier import Tier as Tier\n\n\ndef all_of():\n    return os\n"
    )
    project = application(
        tmp_path, {"app/models/__init__.py": init, "app/user.py": "from app.models import all_of\n"}
    )
    found = after(project, "app.models:all_of", "app.modules.billing.listing")
    assert (
        found["app/modules/billing/listing.py"] == "import os\n\n\ndef all_of():\n    return os\n"
    )
    assert found["app/user.py"] == "from app.modules.billing.listing import all_of\n"
    assert '"all_of": "app.modules.billing.listing:all_of"' in found["app/models/__init__.py"]
