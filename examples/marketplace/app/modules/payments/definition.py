from app.modules.base import ModuleDefinition

definition = ModuleDefinition(
    code="payments",
    name="Payments",
    tier="optional",
    requires=["core", "tenancy", "customers"],
    description="Payment methods, payments and refunds",
)
