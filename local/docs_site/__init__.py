"""The docs site: `make docs` builds it from docs/ and openapi.json."""
