from app.modules.tenancy.models.store import Store, StoreDomain, StoreOpeningHours, StoreStatus
from app.modules.tenancy.models.tenant import Tenant, TenantMember, TenantRole

__all__ = [
    "Store",
    "StoreDomain",
    "StoreOpeningHours",
    "StoreStatus",
    "Tenant",
    "TenantMember",
    "TenantRole",
]
