from app.modules.billing.tasks.invoicing import issue_due_invoices, mark_overdue_subscriptions

__all__ = ["issue_due_invoices", "mark_overdue_subscriptions"]
