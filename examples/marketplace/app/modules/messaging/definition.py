from app.modules.base import ModuleDefinition

definition = ModuleDefinition(
    code="messaging",
    name="Messaging",
    tier="optional",
    requires=["core", "tenancy", "customers", "orders"],
    description="Conversations with customers, and notifications to users",
)
