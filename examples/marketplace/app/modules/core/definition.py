from app.modules.base import ModuleDefinition

definition = ModuleDefinition(
    code="core",
    name="Core",
    is_core=True,
    requires=[],
    description="Users, roles, media files and the audit trail",
)
