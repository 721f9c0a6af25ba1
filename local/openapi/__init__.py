"""Generates openapi.json (OpenAPI 3.1) from template.yaml's routes and each function's own description."""
