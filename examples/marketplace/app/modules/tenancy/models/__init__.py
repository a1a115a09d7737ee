from app.modules.tenancy.models.store import Store, StoreDomain, StoreStatus
from app.modules.tenancy.models.tenant import Tenant, TenantMember, TenantRole

__all__ = ["Store", "StoreDomain", "StoreStatus", "Tenant", "TenantMember", "TenantRole"]
