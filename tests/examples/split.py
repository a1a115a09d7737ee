"""The split of `examples/monolith` into the modules of `examples/marketplace`, step by step.

Each step is a commit in a repository of its own, made by changes of text alone: models move as they
are, the old place re-exports them, and a module's first revision is empty and comes after all that
the monolith's history did.
"""

from __future__ import annotations

import ast
import re
import shutil
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path

from tests.checks.repository import Repository, repository
from tests.examples.shops import MARKETPLACE, MONOLITH
from tests.projects import ProjectFiles

ADOPTED = '\n[tool.modalembic]\nlocations = { legacy = "migrations/versions" }\n'
MODULES = f'{ADOPTED}modules = ["app/modules/*"]\n'
LEGACY_HEAD = "f7ce7500869f"
STORE_THEME = "class StoreTheme(Base):"
REVISION = '''"""Start the {module} branch.

Changes nothing: its tables were created by the legacy history, which this branch continues.

Revision ID: {id}
Revises:
Create Date: 2025-05-05 10:00:00+00:00
"""

revision: str = "{id}"
down_revision: str | None = None
branch_labels: tuple[str, ...] | None = ("{module}",)
depends_on: str | tuple[str, ...] | None = "{after}"


def upgrade() -> None:
    pass


def downgrade() -> None:
    pass
'''


@dataclass(frozen=True)
class Move:
    """What a module takes over in a step: files of `app/models`, which `tables` they have, and
    those of them that stay where they are and are only re-exported (`lent`)."""

    module: str
    files: tuple[str, ...]
    tables: tuple[str, ...]
    lent: tuple[str, ...] = ()


STEPS: tuple[tuple[Move, ...], ...] = (
    (
        Move(
            "core",
            ("audit", "user"),
            (
                "audit_events",
                "audit_events_archived",
                "media_files",
                "roles",
                "user_roles",
                "users",
            ),
            lent=("media",),
        ),
    ),
    (
        Move(
            "tenancy",
            ("store", "tenant"),
            ("store_domains", "store_opening_hours", "stores", "tenant_members", "tenants"),
        ),
    ),
    (Move("cms", ("page", "theme"), ("content_pages", "store_themes", "themes")),),
    (
        Move(
            "customers",
            ("customer", "customer_group"),
            ("customer_addresses", "customer_group_members", "customer_groups", "customers"),
        ),
    ),
    (
        Move("payments", ("payment",), ("payment_methods", "payments", "refunds")),
        Move(
            "billing",
            ("invoice", "tier"),
            ("invoice_lines", "invoices", "subscription_tiers", "subscriptions"),
            lent=("subscription",),
        ),
    ),
    (
        Move(
            "marketplace",
            ("category", "listing", "product", "review", "vendor"),
            (
                "categories",
                "listings",
                "offers",
                "product_categories",
                "product_reviews",
                "product_variants",
                "products",
                "vendors",
            ),
        ),
    ),
    (
        Move(
            "orders",
            ("cart", "order"),
            ("cart_lines", "carts", "order_lines", "order_payments", "orders", "shipments"),
            lent=("shipment",),
        ),
        Move(
            "inventory",
            ("stock", "warehouse"),
            ("stock_levels", "stock_moves", "stock_reservations", "warehouses"),
        ),
    ),
    (
        Move(
            "messaging",
            ("conversation", "notification"),
            ("conversations", "messages", "notifications"),
        ),
        Move(
            "monitoring",
            ("health", "request_sample"),
            ("health_check_results", "health_checks", "request_samples"),
        ),
        Move("dev_tools", ("feature_flag",), ("feature_flag_overrides", "feature_flags")),
    ),
)
LENT = tuple(name for step in STEPS for move in step for name in move.lent)


@dataclass
class Split:
    """The split under way in a repository; `places` has the package of each model file, `started`
    the ids of the modules' first revisions."""

    repo: Repository
    places: dict[str, str] = field(default_factory=dict)
    started: dict[str, str] = field(default_factory=dict)

    @property
    def root(self) -> Path:
        """The project's directory."""
        return self.repo.project.root

    def play(self, number: int) -> str:
        """Commit a step of `STEPS`, or after the last one that which removes what is left of the
        old place; the commit's id."""
        self.edit(number)
        return self.repo.commit()

    def edit(self, number: int) -> None:
        """The changes of a step, not committed."""
        if number == len(STEPS):
            self._leave_the_old_place()
            return
        if number == 0:
            self._prepare()
        for move in STEPS[number]:
            self._start(move.module)
        for move in STEPS[number]:
            for name in move.files:
                self._move(move.module, name)
        self._follow()

    def write(self, path: str, text: str) -> None:
        """A file, as it is."""
        (self.root / path).parent.mkdir(parents=True, exist_ok=True)
        (self.root / path).write_text(text, encoding="utf-8")

    def change(self, path: str, *edits: tuple[str, str]) -> None:
        """Replace texts in a file, each of which is there once."""
        text = self.read(path)
        for old, new in edits:
            assert text.count(old) == 1, (path, old)
            text = text.replace(old, new)
        self.write(path, text)

    def read(self, path: str) -> str:
        """A file's text."""
        return (self.root / path).read_text(encoding="utf-8")

    def _prepare(self) -> None:
        """What the first module needs: where modules are, and that there are several heads."""
        self.change("pyproject.toml", (ADOPTED, MODULES))
        self.change("tests/conftest.py", ('"alembic.ini"), "head")', '"alembic.ini"), "heads")'))
        self.change(
            "alembic.ini",
            (
                "path_separator = os\n",
                "path_separator = newline\nversion_locations =\n    %(here)s/migrations/versions\n",
            ),
        )
        for path in ("app/modules/__init__.py", "app/modules/base.py"):
            self.write(path, _of_marketplace(path))

    def _start(self, module: str) -> None:
        """The package of a module, its definition and its first revision."""
        package = f"app/modules/{module}"
        for path in ("__init__.py", "definition.py", "models/__init__.py"):
            self.write(f"{package}/{path}", _of_marketplace(f"{package}/{path}"))
        id_ = f"51171e{len(self.started) + 1:06}"
        self.write(
            f"{package}/migrations/versions/2025_05_05_{id_}_start_the_{module}_branch.py",
            REVISION.format(module=module, id=id_, after=LEGACY_HEAD),
        )
        last = [*self.started][-1] if self.started else None
        before = f"app/modules/{last}/migrations/versions" if last else "migrations/versions"
        line = f"    %(here)s/{before}\n"
        added = f"    %(here)s/{package}/migrations/versions\n"
        self.change("alembic.ini", (line, line + added))
        self.started[module] = id_

    def _move(self, module: str, name: str) -> None:
        """A model file goes to a module, and is re-exported from where it was."""
        old, new = f"app/models/{name}.py", f"app/modules/{module}/models/{name}.py"
        text, left = self.read(old), ""
        if name == "store":
            text, left = _without_store_theme(text)
        elif name == "theme":
            text = self._with_store_theme(text)
        self.write(new, text)
        names = sorted(_defined(text))
        self.write(old, _re_export(f"app.modules.{module}.models.{name}", names) + left)
        self.places[name] = f"app.modules.{module}.models"

    def _with_store_theme(self, text: str) -> str:
        """The themes, with the one model of the stores that belongs to them. What is left there is
        the other models' re-export."""
        store = self.read("app/models/store.py")
        models = self.read("app/modules/tenancy/models/store.py")
        self.write(
            "app/models/store.py",
            _re_export("app.modules.tenancy.models.store", sorted(_defined(models)))
            + _re_export("app.modules.cms.models.theme", ["StoreTheme"]).partition("\n\n")[2],
        )
        of_store = store[store.index(STORE_THEME) :]
        of_store = of_store.replace("Mapped[Store]", 'Mapped["Store"]')
        of_store = of_store.replace('Mapped["Theme"]', "Mapped[Theme]")
        return _with_imports(text, ("app.models.store", "Store")) + f"\n\n{of_store}"

    def _follow(self) -> None:
        """Models that name each other do so by their new places."""
        for path in sorted((self.root / "app").rglob("models/*.py")):
            text = path.read_text(encoding="utf-8")
            path.write_text(
                re.sub(r"(    from )app\.models\.(\w+)(?= import)", self._place_of, text),
                encoding="utf-8",
            )

    def _place_of(self, found: re.Match[str]) -> str:
        return f"{found[1]}{self.places.get(found[2], 'app.models')}.{found[2]}"

    def _leave_the_old_place(self) -> None:
        """Everybody imports models from their modules, and the re-exports are gone."""
        homes = self._homes()
        for name in self.places:
            (self.root / f"app/models/{name}.py").unlink()
        self.write("app/models/__init__.py", _of_marketplace("app/models/__init__.py"))
        for path in sorted(self.root.rglob("*.py")):
            text = path.read_text(encoding="utf-8")
            path.write_text(self._from_homes(text, homes), encoding="utf-8")
        old = "import app.models  # noqa: F401 - registers every table with the metadata\n"
        self.change(
            "migrations/env.py",
            (old, "from app.modules.base import import_models\n"),
            ("from app.db import Base\n", "from app.db import Base\n\nimport_models()\n"),
        )
        imported = "from app.modules.base import import_models\n\nimport_models()\n\n"
        self.change("app/main.py", ("app = FastAPI(", f"{imported}app = FastAPI("))
        self.change("app/celery_app.py", ("SCHEDULE = {", f"{imported}SCHEDULE = {{"))

    def _from_homes(self, text: str, homes: Mapping[str, str]) -> str:
        """A file in which what was imported from `app.models` comes from the modules."""

        def replaced(found: re.Match[str]) -> str:
            names = re.findall(r"\w+", found[2])
            packages = sorted({homes[name] for name in names})
            return "\n".join(
                f"{found[1]}from {package} import "
                + ", ".join(sorted(name for name in names if homes[name] == package))
                for package in packages
            )

        text = re.sub(r"(import )app\.models\.(\w+)(?= as )", self._place_of, _without_alias(text))
        pattern = r"^( *)from app\.models import (\([^)]*\)|.+)$"
        return re.sub(pattern, replaced, text, flags=re.MULTILINE)

    def _homes(self) -> Mapping[str, str]:
        """The package that has each of the models."""
        return {
            name: f"app.modules.{module}.models"
            for module in self.started
            for name in _exported(self.read(f"app/modules/{module}/models/__init__.py"))
        }


def split(directory: Path) -> Split:
    """A repository whose one commit is the monolith, with its history adopted."""
    project = ProjectFiles(directory)
    ignored = shutil.ignore_patterns("__pycache__", ".*")
    shutil.copytree(MONOLITH.directory, directory, ignore=ignored, dirs_exist_ok=True)
    file = directory / "pyproject.toml"
    file.write_text(file.read_text(encoding="utf-8") + ADOPTED, encoding="utf-8")
    return Split(repository(directory, project))


def _of_marketplace(path: str) -> str:
    return (MARKETPLACE.directory / path).read_text(encoding="utf-8")


def _defined(text: str) -> Iterator[str]:
    """What a file of models defines for others."""
    for node in ast.parse(text).body:
        if isinstance(node, ast.ClassDef):
            yield node.name
        elif isinstance(node, ast.Assign) and isinstance(node.targets[0], ast.Name):
            name = node.targets[0].id
            if not name.startswith("_"):
                yield name


def _exported(text: str) -> Iterator[str]:
    for node in ast.parse(text).body:
        if isinstance(node, ast.ImportFrom):
            yield from (alias.name for alias in node.names)


def _re_export(module: str, names: list[str]) -> str:
    listed = ", ".join(names)
    return f'"""Moved to modules."""\n\nfrom {module} import {listed}  # noqa: F401\n'


def _without_store_theme(text: str) -> tuple[str, str]:
    """The stores without the theme that a store wears, and that one for what stays behind."""
    at = text.index(STORE_THEME)
    imported = "    from app.models.theme import Theme\n"
    left = (
        "\nfrom typing import TYPE_CHECKING, Any\n\n"
        "from sqlalchemy import ForeignKey\nfrom sqlalchemy import text as sql\n"
        "from sqlalchemy.orm import Mapped, mapped_column, relationship\n\n"
        f"from app.db import Base\n\nif TYPE_CHECKING:\n{imported}\n\n"
    )
    return text[:at].rstrip().replace(imported, "") + "\n", left + text[at:]


def _with_imports(text: str, *imported: tuple[str, str]) -> str:
    """More imports for the type checker."""
    lines = "".join(f"    from {module} import {name}\n" for module, name in imported)
    return text.replace("if TYPE_CHECKING:\n", f"if TYPE_CHECKING:\n{lines}", 1)


def _without_alias(text: str) -> str:
    """A file that names the models by themselves, and not as `models.NAME`."""
    alias = "import app.models as models\n"
    if alias not in text:
        return text
    names = sorted(set(re.findall(r"\bmodels\.([A-Z]\w+)", text)))
    text = text.replace(alias, f"from app.models import {', '.join(names)}\n")
    return re.sub(r"\bmodels\.(?=[A-Z])", "", text)
