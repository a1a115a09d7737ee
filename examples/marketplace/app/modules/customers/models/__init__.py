from app.modules.customers.models.customer import Customer, CustomerAddress
from app.modules.customers.models.customer_group import CustomerGroup, customer_group_members

__all__ = ["Customer", "CustomerAddress", "CustomerGroup", "customer_group_members"]
