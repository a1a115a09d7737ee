from app.modules.base import ModuleDefinition

definition = ModuleDefinition(
    code="analytics",
    name="Analytics",
    tier="optional",
    requires=["core", "tenancy", "marketplace", "orders"],
    description="Sales figures; owns no table, it queries those of others",
)
