"""Refusals of this module."""

from crm_boost.kit.errors import NotFound


class StaffNotFound(NotFound):
    code = "staff_not_found"
    title = "There is no such staff"
