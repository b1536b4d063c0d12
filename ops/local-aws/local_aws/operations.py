"""Names of SES operations by method and path, out of the service model that botocore ships."""

from __future__ import annotations

import functools
import re

import botocore.session


@functools.lru_cache(maxsize=1)
def _ses_routes() -> list[tuple[str, re.Pattern[str], str]]:
    """Method, pattern of the path and name of every operation of SES v2; fixed paths come before those with variables."""
    model = botocore.session.Session().get_service_model("sesv2")
    routes = []
    for name in model.operation_names:
        http = model.operation_model(name).http
        pattern = re.sub(r"\\{[^}]*\\}", "[^/]+", re.escape(http["requestUri"].partition("?")[0]))
        routes.append((http["method"], re.compile(pattern + "/?$"), name))
    return sorted(routes, key=lambda route: route[1].pattern.count("[^/]+"))


@functools.lru_cache(maxsize=1024)
def ses_operation(method: str, path: str) -> str:
    """The operation that a request to SES v2 names."""
    for route_method, pattern, name in _ses_routes():
        if method == route_method and pattern.match(path):
            return name
    return "unknown"
