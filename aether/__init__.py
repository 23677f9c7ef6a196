"""Wiring: settings, addresses, servers, logs. Nobody imports it."""

__version__ = "3.1.0"
