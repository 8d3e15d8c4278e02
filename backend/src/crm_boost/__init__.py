"""CRM Boost: the working desk of a team that calls customers and earns repeat deposits."""

__version__ = "0.1.0"
