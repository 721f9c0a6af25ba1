"""The functions and routes that template.yaml declares."""

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from local.stages import TEMPLATE, loaded_template


@dataclass(frozen=True, slots=True)
class Route:
    """A method and a path of the API."""

    method: str
    path: str


@dataclass(frozen=True, slots=True)
class DeclaredFunction:
    """One Lambda function."""

    logical_id: str
    handler: str
    code: str
    """Its directory from `CodeUri`, or empty if the template's globals set it."""
    route: Route | None
    """None for functions that queues, schedules or other APIs start, for the API's catch-all, and for pages."""
    memory_megabytes: int

    @property
    def module(self) -> str:
        """The handler's module."""
        return self.handler.rpartition(".")[0]


def declared_functions(template: Path = TEMPLATE) -> list[DeclaredFunction]:
    """Return all functions of a template, in its order."""
    content = loaded_template(template)
    shared = content["Globals"]["Function"]
    return [
        DeclaredFunction(
            logical_id,
            resource["Properties"]["Handler"],
            resource["Properties"].get("CodeUri", ""),
            _route(resource["Properties"].get("Events", {})),
            resource["Properties"].get("MemorySize", shared["MemorySize"]),
        )
        for logical_id, resource in content["Resources"].items()
        if resource["Type"] == "AWS::Serverless::Function"
    ]


def declared_methods(template: Path = TEMPLATE) -> dict[str, list[str]]:
    """Return the methods of every path of the API, including pages, with paths and methods sorted."""
    methods: dict[str, set[str]] = {}
    for resource in loaded_template(template)["Resources"].values():
        if resource["Type"] == "AWS::Serverless::Function":
            for route in _routes(resource["Properties"].get("Events", {})):
                methods.setdefault(route.path, set()).add(route.method)
    return {path: sorted(names) for path, names in sorted(methods.items())}


def _route(events: Mapping[str, Any]) -> Route | None:
    """Return the single route of an operation.

    A function with several routes serves pages and is not part of the API.
    """
    routes = [route for route in _routes(events) if route.method != "HEAD"]
    return routes[0] if len(routes) == 1 else None


def _routes(events: Mapping[str, Any]) -> list[Route]:
    http = [event["Properties"] for event in events.values() if event["Type"] == "HttpApi"]
    return [Route(properties["Method"].upper(), properties["Path"]) for properties in http if "Path" in properties]
