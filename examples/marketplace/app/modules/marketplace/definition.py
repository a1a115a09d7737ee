from app.modules.base import ModuleDefinition

definition = ModuleDefinition(
    code="marketplace",
    name="Marketplace",
    tier="optional",
    requires=["core", "tenancy", "customers"],
    description="Vendors, their products, and the listings of a store",
)
