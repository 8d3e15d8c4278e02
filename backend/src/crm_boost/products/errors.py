"""Named refusals of this module."""

from crm_boost.kit.errors import Conflict


class ProductNameTaken(Conflict):
    code = "product_name_taken"
    title = "Product name already in use"


class ProductInUse(Conflict):
    code = "product_in_use"
    title = "Product in use"
