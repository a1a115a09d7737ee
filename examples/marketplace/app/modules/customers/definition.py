from app.modules.base import ModuleDefinition

definition = ModuleDefinition(
    code="customers",
    name="Customers",
    tier="core",
    requires=["core", "tenancy"],
    description="The people who buy, their addresses and groups",
)
