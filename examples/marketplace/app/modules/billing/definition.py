from app.modules.base import ModuleDefinition

definition = ModuleDefinition(
    code="billing",
    name="Billing",
    tier="optional",
    requires=["core", "tenancy", "payments"],
    description="What a tenant pays for the platform: tiers, subscriptions, invoices",
)
