from app.modules.inventory.models.stock import StockMove, StockMoveKind, StockReservation
from app.modules.inventory.models.warehouse import StockLevel, Warehouse

__all__ = ["StockLevel", "StockMove", "StockMoveKind", "StockReservation", "Warehouse"]
