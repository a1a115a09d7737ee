from app.modules.base import ModuleDefinition

definition = ModuleDefinition(
    code="monitoring",
    name="Monitoring",
    is_internal=True,
    requires=["core"],
    description="Health checks and their results",
)
