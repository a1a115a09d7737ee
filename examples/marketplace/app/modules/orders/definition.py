from app.modules.base import ModuleDefinition

definition = ModuleDefinition(
    code="orders",
    name="Orders",
    tier="optional",
    requires=["core", "tenancy", "customers", "payments", "marketplace"],
    description="Carts, orders and shipments",
)
