"""``pb dashboard``: open the dashboard in the browser, or say where it is."""

import sys
from argparse import Namespace
from collections.abc import Mapping
from datetime import datetime, timedelta

from packetbuddy.cli.context import Context, settings_of
from packetbuddy.cli.parser import Parser
from packetbuddy.cli.result import Result, said
from packetbuddy.errors import ServiceError
from packetbuddy.settings.address import Address, address_of, dashboard_url

PATIENCE_SECONDS = 10.0
"""Waking the API takes a fraction of a second; on a machine that just started, a few."""


def arguments(parser: Parser) -> None:
    """Take ``--print``."""
    parser.add_argument("--print", action="store_true", help="only print the address, open nothing")


def run(context: Context, options: Namespace) -> Result:
    """Make sure that it is there, then open it.

    Raises:
        ServiceError: nothing of ours answers at the address.
    """
    address = address_of(settings_of(context).api)
    if _is_anothers(_wake(address), context):
        raise ServiceError(
            f"another PacketBuddy answers at {address}, that of another home or account",
            f"give this one another port: `pb config set api.port {address.port + 1}`, then `pb service restart`",
        )
    url = dashboard_url(address)
    opened = not options.print and not options.json and _open(url, context.environment)
    lines = [f"{'Opened' if opened else 'The dashboard is at'} {url}", *_from_elsewhere(address, context.environment)]
    return said(*lines[: 1 if opened else 2], data={"url": url, "opened": opened})


def _wake(address: Address) -> Mapping[str, object]:
    """Ask for the health, which no other program answers as we do."""
    from http.client import HTTPConnection, HTTPException  # noqa: PLC0415 - only this command speaks HTTP

    connection = HTTPConnection(address.host, address.port, timeout=PATIENCE_SECONDS)
    try:
        connection.request("GET", "/api/health")
        answer = connection.getresponse()
        told = answer.read(65_536)
    except ConnectionRefusedError as error:
        raise ServiceError(f"nothing answers at {address}", "`pb service start` starts PacketBuddy") from error
    except (OSError, HTTPException) as error:
        raise ServiceError(f"{address} does not answer", "`pb service status` says more") from error
    finally:
        connection.close()
    return _judge(address, answer.status, told)


def _is_anothers(told: Mapping[str, object], context: Context) -> bool:
    """Whether its monitor began at another moment than ours; where neither says when, it is taken for ours."""
    from packetbuddy.cli.servicing.keeping import health_of  # noqa: PLC0415 - only this command compares

    theirs, ours = told.get("started_at"), health_of(context)
    if not isinstance(theirs, str):
        return False
    began = ours.started_at if ours else None
    return began is None or abs(began - datetime.fromisoformat(theirs)) >= timedelta(seconds=1)


def _judge(address: Address, status: int, told: bytes) -> Mapping[str, object]:
    from json import loads  # noqa: PLC0415 - only this command reads JSON

    try:
        body = loads(told)
    except ValueError:
        body = None
    if not isinstance(body, dict) or not ("hostname" in body or "error" in body):
        raise ServiceError(f"another program answers at {address}", "Give PacketBuddy another [api] port")
    if "error" in body:
        raise ServiceError(f"the dashboard could not be started (status {status})", "`pb service logs` says why")
    return body


def _open(url: str, environment: Mapping[str, str]) -> bool:
    """Whether a browser could be told. On a system with windows but without one of them for us there is none."""
    if "BROWSER" not in environment and not _has_windows(environment):
        return False
    import webbrowser  # noqa: PLC0415 - looks for browsers when it is used

    return webbrowser.open(url)


def _has_windows(environment: Mapping[str, str]) -> bool:
    if sys.platform in {"win32", "darwin"}:
        return "SSH_CONNECTION" not in environment
    return bool(environment.get("DISPLAY") or environment.get("WAYLAND_DISPLAY"))


def _from_elsewhere(address: Address, environment: Mapping[str, str]) -> list[str]:
    """How to see it from the machine that the user sits at."""
    if "SSH_CONNECTION" not in environment:
        return []
    return [f"From your own machine: ssh -L {address.port}:{address} USER@THIS-MACHINE, then open it there."]
