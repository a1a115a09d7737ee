from app.modules.analytics.tasks.reports import weekly_vendor_sales

__all__ = ["weekly_vendor_sales"]
