from app.modules.base import ModuleDefinition

definition = ModuleDefinition(
    code="cms",
    name="Content",
    tier="core",
    requires=["core", "tenancy"],
    description="Themes and content pages of a store",
)
