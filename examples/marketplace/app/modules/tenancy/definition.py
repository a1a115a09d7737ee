from app.modules.base import ModuleDefinition

definition = ModuleDefinition(
    code="tenancy",
    name="Tenancy",
    tier="core",
    requires=["core"],
    description="Tenants, their members, their stores and domains",
)
