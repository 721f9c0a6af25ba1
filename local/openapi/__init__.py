"""openapi.json (OpenAPI 3.1) out of template.yaml's routes and what each function says of itself."""
