"""Databases: one uploaded file each, its product, its column mapping and its records (spec 1.1, 2.2)."""
