from hashlib import sha256
from typing import TYPE_CHECKING

from sqlalchemy import select
from sqlalchemy.orm import Session

from app.modules.dev_tools.models import FeatureFlag, FeatureFlagOverride

if TYPE_CHECKING:
    from app.modules.tenancy.models import Tenant


def is_enabled(session: Session, code: str, tenant: "Tenant") -> bool:
    """An override decides; else the flag, for that share of tenants to which it is rolled out."""
    flag = session.scalar(select(FeatureFlag).where(FeatureFlag.code == code))
    if flag is None:
        return False
    override = session.get(FeatureFlagOverride, (flag.id, tenant.id))
    if override is not None:
        return override.is_enabled
    return flag.is_enabled and _bucket(code, tenant.id) < flag.rollout_percent


def _bucket(code: str, tenant_id: int) -> int:
    # Not hash(): the answer must be the same in every process.
    return int.from_bytes(sha256(f"{code}:{tenant_id}".encode()).digest()[:4]) % 100
