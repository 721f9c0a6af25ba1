"""What pages of other origins may send and read."""

from tests.template.stack import resources, translated
from tests.template_tables import template


def test_cors_is_on_with_every_part_only_if_origins_are_allowed() -> None:
    body = translated()["Resources"]["Api"]["Properties"]["Body"]
    condition, configuration, otherwise = body["x-amazon-apigateway-cors"]["Fn::If"]
    assert template()["Conditions"][condition] == {"Fn::Not": [{"Fn::Equals": [{"Ref": "AllowedOrigins"}, ""]}]}
    assert template()["Parameters"]["AllowedOrigins"]["Default"] == ""
    assert otherwise == {"Ref": "AWS::NoValue"}
    assert set(configuration) == {"allowOrigins", "allowMethods", "allowHeaders", "exposeHeaders", "maxAge"}
    assert "Fn::Split" in configuration["allowOrigins"]


def test_page_may_read_every_header_that_answers_document() -> None:
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
