"""Every router of the API, in one list."""

from fastapi import APIRouter

from crm_boost.identity import endpoints as identity
from crm_boost.products import endpoints as products
from crm_boost.web import health

PREFIX = "/api"

ROUTERS: tuple[APIRouter, ...] = (
    health.router,
    identity.public,
    identity.router,
    products.router,
)

UPLOAD_PATHS = frozenset(
    f"{PREFIX}{path}" for path in ("/imports", "/databases", "/memberwd/upload", "/bonanza/upload")
)
"""Addresses that receive a file and may therefore receive more than a few megabytes."""
