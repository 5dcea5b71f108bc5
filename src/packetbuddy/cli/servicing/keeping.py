"""The service of this home, and what its ledger says of it."""

from packetbuddy.answers.zone import Zone, zone_for
from packetbuddy.cli.context import Context, home_of
from packetbuddy.errors import LedgerError, SettingsError
from packetbuddy.reports.model import Health
from packetbuddy.services.choosing import installer_for, service_for
from packetbuddy.services.face import Service
from packetbuddy.settings.address import address_of, dashboard_url
from packetbuddy.settings.load import Examined, examine, parse, read_mapping
from packetbuddy.settings.places import Home, ensure


def kept(context: Context, *, make_home: bool = False) -> Service:
    """What keeps this home now."""
    home = home_of(context)
    if make_home:
        ensure(home)
    return service_for(home, context.environment, counting=lambda: is_counting(context))


def to_be_kept(context: Context) -> Service:
    """Where this home is to be registered."""
    home = home_of(context)
    ensure(home)
    return installer_for(home, context.environment, counting=lambda: is_counting(context))


def is_counting(context: Context) -> bool:
    """Whether a monitor lives and writes."""
    health = health_of(context)
    return health is not None and health.state == "running"


def health_of(context: Context) -> Health | None:
    """What the ledger says of its monitor; ``None`` where there is no ledger or it cannot be read."""
    from packetbuddy.answers.health import health  # noqa: PLC0415 - `pb service logs` needs no ledger
    from packetbuddy.answers.open import Question  # noqa: PLC0415 - same

    home = home_of(context)
    settings, zone = examined(home).settings, zone_of(context)
    try:
        return health(Question(home, settings, context.now_ns, None, zone.rules, zone.name))
    except LedgerError:
        return None


def zone_of(context: Context) -> Zone:
    """The user's zone, also while the settings are broken."""
    asked = examined(home_of(context)).settings.display.timezone
    try:
        return zone_for(asked, context.environment, context.now_ns)
    except SettingsError:
        return zone_for("local", context.environment, context.now_ns)


def examined(home: Home) -> Examined:
    """The settings as far as they can be read: status must answer also while config.toml is broken."""
    try:
        return examine(read_mapping(home.config))
    except SettingsError as error:
        return Examined(parse({}), (error,))


def dashboard_of(context: Context) -> str:
    """Where the dashboard is."""
    return dashboard_url(address_of(examined(home_of(context)).settings.api))
