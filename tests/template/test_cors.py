"""The CORS configuration for pages of other origins."""

from tests.template.stack import resources, translated
from tests.template_tables import template


def test_cors_is_configured_only_with_allowed_origins() -> None:
    body = translated()["Resources"]["Api"]["Properties"]["Body"]
    condition, configuration, otherwise = body["x-amazon-apigateway-cors"]["Fn::If"]
    assert template()["Conditions"][condition] == {"Fn::Not": [{"Fn::Equals": [{"Ref": "AllowedOrigins"}, ""]}]}
    assert template()["Parameters"]["AllowedOrigins"]["Default"] == ""
    assert otherwise == {"Ref": "AWS::NoValue"}
    assert set(configuration) == {"allowOrigins", "allowMethods", "allowHeaders", "exposeHeaders", "maxAge"}
    assert "Fn::Split" in configuration["allowOrigins"]


def test_cors_exposes_every_documented_response_header() -> None:
    (api,) = resources("AWS::Serverless::HttpApi").values()
    configuration = api["Properties"]["CorsConfiguration"]["Fn::If"][1]
    exposed = {name.lower() for name in configuration["ExposeHeaders"]}
    assert {
        "allow",
        "etag",
        "idempotency-replayed",
        "location",
        "ratelimit",
        "ratelimit-policy",
        "retry-after",
    } <= exposed
