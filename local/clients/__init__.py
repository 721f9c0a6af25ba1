"""Clients generated from openapi.json, and five calls with each that must pass the type checkers."""
