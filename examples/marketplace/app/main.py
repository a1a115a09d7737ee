"""The HTTP application: `uvicorn app.main:app`."""

from fastapi import FastAPI, Request
from fastapi.responses import JSONResponse

from app.modules.analytics.routes import sales
from app.modules.base import import_models
from app.modules.billing.routes import invoices
from app.modules.cms.routes import pages
from app.modules.core.exceptions import NotFoundError, ShopError
from app.modules.core.routes import users
from app.modules.customers.routes import customers
from app.modules.marketplace.routes import listings
from app.modules.messaging.routes import conversations
from app.modules.monitoring.routes import health
from app.modules.orders.routes import orders
from app.modules.payments.routes import payments
from app.modules.tenancy.routes import tenants

import_models()

app = FastAPI(title="Shop")
for routes in (
    conversations,
    customers,
    health,
    invoices,
    listings,
    orders,
    pages,
    payments,
    sales,
    tenants,
    users,
):
    app.include_router(routes.router)


@app.exception_handler(ShopError)
def show_shop_error(request: Request, error: ShopError) -> JSONResponse:
    status = 404 if isinstance(error, NotFoundError) else 409
    return JSONResponse(status_code=status, content={"detail": str(error)})
