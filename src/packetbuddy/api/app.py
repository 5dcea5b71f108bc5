"""The application: the table of endpoints becomes routes; whatever goes wrong has the one shape."""

import msgspec
from starlette.requests import Request
from starlette.responses import RedirectResponse, Response
from starlette.routing import Route, Router
from starlette.types import ASGIApp, Receive, Scope, Send

from packetbuddy.api.activity import Activity
from packetbuddy.api.assets import Folder
from packetbuddy.api.desk import Desk
from packetbuddy.api.encoding import encoded
from packetbuddy.api.guard import Guard, Rules
from packetbuddy.api.large import Large, Stored
from packetbuddy.api.openapi import document
from packetbuddy.api.problems import Problem, ProblemError
from packetbuddy.api.pulse import Pulses
from packetbuddy.api.queries import InterfaceQuery, Query, read_query
from packetbuddy.api.routes import ENDPOINTS, Endpoint
from packetbuddy.api.scraping import scraped
from packetbuddy.api.shapes import Shape
from packetbuddy.api.stream import EventStream, next_speed
from packetbuddy.reports.bodies import Body

UNWATCHED = "/api/health"
"""Asking this does not keep the process awake."""
NOT_FOUND = Problem(404, "not_found", "there is nothing here", "GET /api/docs shows what there is")


def build(desk: Desk, activity: Activity) -> ASGIApp:
    """Everything that is served, behind the guard."""
    return Guard(_Application(desk, activity), lambda: Rules(desk.settings.api, activity.leaving))


class _Application:
    """The routes. Owns the pulses."""

    def __init__(self, desk: Desk, activity: Activity) -> None:
        self._desk, self._activity = desk, activity
        self._pulses, self._large = Pulses(desk), Large()
        self._document: bytes | None = None
        self._router = Router([*map(self._route, ENDPOINTS), *self._others()], redirect_slashes=False, default=_nothing)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["path"] == UNWATCHED:
            await self._router(scope, receive, send)
            return
        with self._activity.looking():
            await self._router(scope, receive, send)

    def _route(self, endpoint: Endpoint) -> Route:
        async def answer(request: Request) -> ASGIApp:
            query = read_query(request.scope["query_string"], endpoint.query)
            make, shape = endpoint.make, endpoint.answer
            if shape is None:
                return await scraped(self._desk, self._pulses, request)
            if make is None:
                return await self._now(endpoint, query)
            response = await self._desk.run(lambda: _response(endpoint, shape, make(self._desk, query)), endpoint.lane)
            return self._large.admitted(response)

        return Route(endpoint.path, answer, methods=["GET"], name=endpoint.path)

    async def _now(self, endpoint: Endpoint, query: Query) -> ASGIApp:
        interface = query.interface if isinstance(query, InterfaceQuery) else None
        if endpoint.media == "application/json":
            return Response(await next_speed(self._pulses, interface), media_type=endpoint.media)
        if interface is not None:
            await next_speed(self._pulses, interface)
        return EventStream(self._pulses, self._activity, interface)

    def _others(self) -> list[Route]:
        dashboard, docs = Folder("dashboard"), Folder("docs")
        return [
            Route("/", _to_dashboard),
            Route("/dashboard", dashboard.answer),
            Route("/dashboard/{name:path}", dashboard.answer),
            Route("/api/docs", docs.answer),
            Route("/api/docs/{name:path}", docs.answer),
            Route("/api/openapi.json", self._openapi),
        ]

    async def _openapi(self, request: Request) -> Response:
        read_query(request.scope["query_string"], Query)
        if self._document is None:
            self._document = await self._desk.run(lambda: msgspec.json.encode(document(ENDPOINTS)))
        return Response(self._document, media_type="application/json")


def _response(endpoint: Endpoint, shape: type[Shape], body: Body | Stored) -> Response | Stored:
    if isinstance(body, Stored):
        return body
    status = 503 if body.get("status") == "degraded" else 200
    return Response(encoded(body, shape), status_code=status, media_type=endpoint.media)


async def _to_dashboard(_request: Request) -> Response:
    return RedirectResponse("/dashboard", status_code=302)


async def _nothing(_scope: Scope, _receive: Receive, _send: Send) -> None:
    raise ProblemError(NOT_FOUND)
