"""Generator of openapi.json (OpenAPI 3.1) from the routes of template.yaml and the descriptions of the endpoints."""
