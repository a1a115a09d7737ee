from app.modules.cms.models.page import ContentPage, PageStatus
from app.modules.cms.models.theme import StoreTheme, Theme

__all__ = ["ContentPage", "PageStatus", "StoreTheme", "Theme"]
