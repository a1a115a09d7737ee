from app.modules.base import ModuleDefinition

definition = ModuleDefinition(
    code="inventory",
    name="Inventory",
    tier="optional",
    requires=["core", "tenancy", "marketplace", "orders"],
    description="Warehouses, stock levels, moves and reservations",
)
