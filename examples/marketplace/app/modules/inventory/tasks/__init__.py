from app.modules.inventory.tasks.reservations import release_stale_reservations

__all__ = ["release_stale_reservations"]
