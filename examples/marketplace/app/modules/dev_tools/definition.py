from app.modules.base import ModuleDefinition

definition = ModuleDefinition(
    code="dev_tools",
    name="Developer tools",
    tier="internal",
    requires=["core", "tenancy"],
    description="Feature flags and their overrides",
)
