from app.modules.dev_tools.models.feature_flag import FeatureFlag, FeatureFlagOverride

__all__ = ["FeatureFlag", "FeatureFlagOverride"]
