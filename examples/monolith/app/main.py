"""The HTTP application: `uvicorn app.main:app`."""

from fastapi import FastAPI, Request
from fastapi.responses import JSONResponse

from app.exceptions import NotFoundError, ShopError
from app.routes import (
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
)

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
