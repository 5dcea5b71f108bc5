"""Devices that meet in a real PostgreSQL: hostile rows, schemas of other versions, rights, forgetting, many pages."""

import random
from pathlib import Path

import psycopg
import pytest
from psycopg.conninfo import conninfo_to_dict

from integration.counting_proxy import Counter
from integration.cutting import Cutter
from integration.ledgers import DAY, HOUR, MINUTE, Counting, at, sound
from integration.postgres import Server
from integration.sync_world import BEGIN, Named, Place, check, everybody, remote_rows, settle
from packetbuddy.answers.open import looking
from packetbuddy.answers.roster import devices
from packetbuddy.answers.usage import days, groups, summary, today
from packetbuddy.errors import SyncBusyError, SyncSetupError, WrongUsageError
from packetbuddy.storage.far import Sharing
from packetbuddy.storage.restoring import prepare, put
from packetbuddy.sync.identity import Facts, identify
from packetbuddy.sync.local import Local
from packetbuddy.sync.merge import believing
from packetbuddy.sync.postgres.remote import connected, migrations
from packetbuddy.sync.run import synchronise

GIGA = 10**9


@pytest.fixture
def database(request: pytest.FixtureRequest) -> str:
    """A name of its own for each test's database."""
    return "".join(each for each in request.node.name if each.isalnum())[:60].lower()


def place(root: Path, name: str, *, rx: int = 5, days_apart: int = 1, count: int = 2) -> Place:
    """A device that moved something on some days."""
    machine = Named(BEGIN)
    machine.identity = f"machine of {name}"
    found = Place(root / name, name, machine)
    with Counting(found.home.root, machine) as counting:
        for number in range(count):
            counting.use(BEGIN + (number * days_apart * DAY + HOUR) * GIGA, rx=rx, tx=1)
    return found


def test_devices_see_each_other(server: Server, database: str, tmp_path: Path) -> None:
    """Three devices: this, all, and each by name or id have the right bytes, today and ever, by day and group."""
    url = server.database(database)
    places = [place(tmp_path, name, rx=amount) for name, amount in (("one", 5), ("two", 70), ("three", 900))]
    settle(places, url)
    check(places, server, database)
    one = places[0]
    asked = {device: summary(one.asking(device)) for device in ("this", "all", "two", "Three", places[2].device())}
    assert [answer.usage.received for answer in asked.values()] == [10, 1950, 140, 1800, 1800]
    mine = asked["this"]
    assert mine.all_devices is not None
    assert (mine.all_devices.received, mine.active_devices) == (1950, 3)
    assert asked["all"].all_devices is None
    now = today(one.asking())
    assert (now.usage.received, now.all_devices and now.all_devices.received) == (5, 975)
    first, last = now.date.replace(day=1), now.date
    assert [day.usage.received for day in days(one.asking("all"), first, last).days if day.usage.total] == [975, 975]
    hours = groups(one.asking("two"), by="hour", first=first, last=last, top=2).groups
    assert [hour.usage.received for hour in hours] == [70, 70]
    rows = devices(one.asking(), None)
    assert [(row.name, row.this, row.usage.received) for row in rows] == [
        ("one", True, 10),
        ("two", False, 140),
        ("three", False, 1800),
    ]


def test_answers_from_the_cache_are_those_of_the_tables(server: Server, database: str, tmp_path: Path) -> None:
    """Combined answers stay right through every change of what was pulled, with the cache warm."""
    url = server.database(database)
    places = [place(tmp_path, name) for name in ("one", "two")]
    chance = random.Random(1)  # noqa: S311 - any traffic will do
    for _ in range(4):
        settle(places, url)
        together = everybody(server, database)
        for one in places:
            total = summary(one.asking("all")).usage
            assert (total.received, total.sent) == tuple(map(sum, zip(*together.values(), strict=True)))
        places[1].use(chance)
    places[1].machine.reboot()
    settle(places, url)
    server.execute(f"DELETE FROM packetbuddy.devices WHERE id = '{places[1].device()}'", database)  # noqa: S608 - our own names
    places[0].sync_at(url)
    assert summary(places[0].asking("all")).usage.received == 10


def test_unknown_devices_are_named(server: Server, database: str, tmp_path: Path) -> None:
    """A wrong name is answered with those that exist; two of one name with their ids; links are not shared."""
    url = server.database(database)
    places = [place(tmp_path, name) for name in ("one", "two", "three")]
    settle(places, url)
    with pytest.raises(WrongUsageError, match="no device 'attic'") as told:
        today(places[0].asking("attic"))
    assert told.value.hint == "Known: this, all, one, two, three"
    with connected(url) as remote:
        assert remote.rename(places[1].device(), "three")
    places[0].sync_at(url)
    with pytest.raises(WrongUsageError, match="2 devices are called 'three'"):
        today(places[0].asking("three"))
    with pytest.raises(WrongUsageError, match="not their links"):
        today(places[0].asking("all")._replace(interface="wlan0"))


def test_old_figures_are_marked_with_their_age(server: Server, database: str, tmp_path: Path) -> None:
    """Who asks for all hears which device was not heard of for long; a retired one is gone and not waited for."""
    url = server.database(database)
    places = [place(tmp_path, name) for name in ("one", "two")]
    settle(places, url)
    heard: list[str] = []
    later = places[0].asking("all")
    with Local(places[0].home).looking() as (_, _, sharing):
        seen = max(device.seen_ns for device in sharing.devices())
    today(later._replace(now_ns=seen + 3 * DAY * GIGA, tell=heard.append))
    assert heard == ["the figures of two are 3 days old"]
    with connected(url) as remote:
        assert remote.retire(places[1].device())
    places[0].sync_at(url)
    heard.clear()
    today(places[0].asking("all")._replace(now_ns=seen + 3 * DAY * GIGA, tell=heard.append))
    assert heard == []


def test_a_device_is_watched_from_when_it_began(server: Server, database: str, tmp_path: Path) -> None:
    """What comes is told in quarters of an hour; the part of the first before a device began is not unobserved time."""
    url, machine = server.database(database), Named(BEGIN + 10 * MINUTE * GIGA)
    machine.identity = "machine of two"
    one, two = place(tmp_path, "one"), Place(tmp_path / "two", "two", machine)
    for minutes in (3, 9):
        with Counting(two.home.root, machine) as counting:
            for _ in range(minutes * MINUTE):
                counting.tick(rx=5, tx=1)
        two.sync_at(url)
        server.execute(
            f"UPDATE packetbuddy.devices SET seen = to_timestamp({machine.wall_ns // GIGA}) WHERE name = 'two'",  # noqa: S608 - a number
            database,
        )
        one.sync_at(url)
        coverage = summary(one.asking("two")).usage.coverage
        assert coverage is not None
        assert coverage > 0.97


def test_a_clock_that_was_years_ahead_is_forgiven(server: Server, database: str, tmp_path: Path) -> None:
    """Its days are left out and that is told; once the clock is set right its bytes are there, and nothing is told."""
    url, machine = server.database(database), Named(at(2029, 11, 20), synchronized=False)
    machine.identity = "machine of two"
    one, two = place(tmp_path, "one"), Place(tmp_path / "two", "two", machine)
    with Counting(two.home.root, machine) as counting:
        for _ in range(3):
            machine.run(HOUR)
            counting.tick(rx=7, tx=1)
            counting.flush()
            two.sync_at(url)
        one.sync_at(url)
        assert "clock is wrong" in devices(one.asking(), None)[1].refused
        machine.set_clock(-3 * 365 * DAY)
        machine.synchronized = True
        counting.tick(rx=7, tx=1)
    two.sync_at(url)
    one.sync_at(url)
    (found,) = devices(one.asking(), None)[1:]
    assert (found.usage.total, found.refused) == (32, "")
    check([one, two], server, database)


def test_many_days_go_up_and_come_down_in_pages(server: Server, database: str, tmp_path: Path) -> None:
    """More days than fit into one transaction or one answer arrive all."""
    url = server.database(database)
    places = [place(tmp_path, "one", count=130), place(tmp_path, "two")]
    settle(places, url)
    check(places, server, database)
    assert len(remote_rows(server, database)[places[0].device()]) >= 130


HOSTILE = {
    "negative": "UPDATE packetbuddy.days SET rx = -5, quarters_rx = array_fill(-1, '{96}')",
    "huge": """UPDATE packetbuddy.days SET rx = 9223372036854775807,
        quarters_rx = array_fill(9223372036854775807, '{96}')""",
    "future": "UPDATE packetbuddy.days SET day = day + 1000000",
    "before time": "UPDATE packetbuddy.days SET day = -day",
    "short columns": "UPDATE packetbuddy.days SET quarters_rx = '{1,2,3}'",
    "missing quarters": "UPDATE packetbuddy.days SET quarters_tx[3] = NULL",
    "nested columns": "UPDATE packetbuddy.days SET quarters_rx = '{{1,2},{3,4}}'",
    "totals that lie": "UPDATE packetbuddy.days SET rx = rx + 1",
    "types changed": """ALTER TABLE packetbuddy.days ALTER rx TYPE text;
        UPDATE packetbuddy.days SET rx = '<script>alert(1)</script>'""",
    "revisions of another world": "UPDATE packetbuddy.days SET revision = 9223372036854775807",
    "negative revisions": "UPDATE packetbuddy.days SET revision = -1; UPDATE packetbuddy.devices SET revision = -1",
    "names that steer": "UPDATE packetbuddy.devices SET name = E'\\x1b[31m' || repeat('x', 5000), os = E'\\n\\n'",
    "machines without end": "UPDATE packetbuddy.devices SET machine = repeat('m', 100000)",
    "devices in a far future": "UPDATE packetbuddy.devices SET seen = '290000-01-01', created = '-infinity'",
    "days of nobody": """ALTER TABLE packetbuddy.days DROP CONSTRAINT days_device_fkey;
        INSERT INTO packetbuddy.days SELECT gen_random_uuid(), day, revision, rx, tx, estimated, peak, observed,
        quarters_rx, quarters_tx FROM packetbuddy.days""",
}


@pytest.mark.parametrize("case", sorted(HOSTILE))
def test_hostile_rows_damage_nothing(case: str, server: Server, database: str, tmp_path: Path) -> None:
    """Whatever stands in the database: the ledger counts on, is sound, holds what it held, and answers."""
    url = server.database(database)
    places = [place(tmp_path, name) for name in ("one", "two")]
    places[1].sync_at(url)
    server.execute(HOSTILE[case], database)
    before = places[0].lifetime()
    for one in (places[0], places[1], places[0]):
        one.tried(url)
    assert places[0].lifetime() == before
    assert sound(places[0].home.root)
    for device in ("this", "all"):
        assert summary(places[0].asking(device)).usage.total >= sum(before)
        assert groups(places[0].asking(device), by="year", first=None, last=None, top=None).groups
    assert all(row.name.isprintable() and len(row.name) <= 100 for row in devices(places[0].asking(), None))
    places[0].use(random.Random(2))  # noqa: S311 - any traffic will do
    assert sound(places[0].home.root)


def test_days_that_found_no_room_come_when_others_are_gone(server: Server, database: str, tmp_path: Path) -> None:
    """What one device's figures kept out is brought once that device is forgotten."""
    url = server.database(database)
    places = [place(tmp_path, name, count=8) for name in ("one", "two", "three")]
    places[1].sync_at(url)
    places[2].sync_at(url)
    most = believing.MOST_BYTES
    server.execute(
        f"""DELETE FROM packetbuddy.days WHERE device = '{places[1].device()}';
        INSERT INTO packetbuddy.days
        SELECT '{places[1].device()}', 10000 + number, 1, 96 * {most}, 96 * {most}, 0, 0, 86400,
            array_fill({most}::bigint, '{{96}}'), array_fill({most}::bigint, '{{96}}')
        FROM generate_series(1, 140) AS number;
        UPDATE packetbuddy.devices SET created = '2000-01-01' WHERE id = '{places[1].device()}'""",  # noqa: S608 - our own names
        database,
    )
    server.execute(
        f"""UPDATE packetbuddy.days SET rx = 96 * {most}, quarters_rx = array_fill({most}::bigint, '{{96}}')
        WHERE device = '{places[2].device()}'""",  # noqa: S608 - same
        database,
    )
    places[0].sync_at(url)
    assert "added up" in devices(places[0].asking(), None)[2].refused
    with connected(url) as remote:
        assert remote.forget(places[1].device())
    places[0].sync_at(url)
    (three,) = devices(places[0].asking(), None)[1:]
    assert three.refused == ""
    assert places[0].combined() == everybody(server, database)


def test_refused_rows_are_told(server: Server, database: str, tmp_path: Path) -> None:
    """A device whose days cannot be believed is shown with the reason, and the other devices with all they have."""
    url = server.database(database)
    places = [place(tmp_path, name) for name in ("one", "two", "three")]
    settle(places[1:], url)
    server.execute(f"UPDATE packetbuddy.days SET rx = -1 WHERE device = '{places[1].device()}'", database)  # noqa: S608 - our own names
    places[0].sync_at(url)
    two, three = devices(places[0].asking(), None)[1:]
    assert (two.usage.total, three.usage.total) == (0, 12)
    assert "totals differ" in two.refused


@pytest.mark.parametrize(
    "change",
    [
        "DELETE FROM packetbuddy.meta",
        "UPDATE packetbuddy.meta SET version = 0",
        "UPDATE packetbuddy.meta SET version = -3",
        "DROP TABLE packetbuddy.meta",
        "DROP TABLE packetbuddy.meta; CREATE VIEW packetbuddy.meta AS SELECT 1",
        "DROP TABLE packetbuddy.days CASCADE",
        "ALTER TABLE packetbuddy.devices DROP token",
    ],
)
def test_tables_that_are_not_ours_are_refused_in_words(
    change: str, server: Server, database: str, tmp_path: Path
) -> None:
    """A schema of our name and another shape is left alone, with a word about it."""
    url = server.database(database)
    one = place(tmp_path, "one")
    one.sync_at(url)
    server.execute(change, database)
    one.use(random.Random(8))  # noqa: S311 - any traffic will do
    with pytest.raises(SyncSetupError, match="not PacketBuddy's"):
        one.sync_at(url)


EXPANDED = """ALTER TABLE packetbuddy.days ADD COLUMN noted text NOT NULL DEFAULT '';
UPDATE packetbuddy.meta SET version = 2;"""


def sync_with(one: Place, url: str, scripts: tuple[str, ...]) -> None:
    """A run of a PacketBuddy that knows these versions of the schema."""
    with connected(url) as remote:
        facts = Facts(one.machine.identity, one.name, "Linux", one.machine.wall_ns)
        local = Local(one.home)
        identify(local, facts)
        synchronise(local, remote, facts, scripts)


def test_old_and_new_clients_side_by_side(server: Server, database: str, tmp_path: Path) -> None:
    """A newer client expands the schema under older ones; both go on for a while, and nothing is lost."""
    url = server.database(database)
    old, new = place(tmp_path, "old"), place(tmp_path, "new")
    chance = random.Random(3)  # noqa: S311 - any traffic will do
    sync_with(old, url, migrations())
    for _ in range(3):
        sync_with(new, url, (*migrations(), EXPANDED))
        old.use(chance)
        new.use(chance)
        sync_with(old, url, migrations())
    settle([old, new], url)
    check([old, new], server, database)
    assert server.execute("SELECT version, oldest FROM packetbuddy.meta", database) == [(2, 1)]


def test_a_schema_that_needs_newer_clients_is_refused(server: Server, database: str, tmp_path: Path) -> None:
    """In words, with what to do; nothing is written."""
    url = server.database(database)
    one = place(tmp_path, "one")
    one.sync_at(url)
    server.execute("UPDATE packetbuddy.meta SET version = 9, oldest = 7", database)
    one.use(random.Random(4))  # noqa: S311 - any traffic will do
    before = remote_rows(server, database)
    with pytest.raises(SyncSetupError, match="schema 9, this one knows 1") as told:
        one.sync_at(url)
    assert told.value.hint == "update PacketBuddy on this device"
    assert remote_rows(server, database) == before


def test_whoever_comes_first_makes_the_schema_once(server: Server, database: str, tmp_path: Path) -> None:
    """Eight devices at an empty database at once: one schema, everybody's days."""
    from concurrent.futures import ThreadPoolExecutor  # noqa: PLC0415 - only here

    url = server.database(database)
    places = [place(tmp_path, f"device{number}") for number in range(8)]
    with ThreadPoolExecutor(8) as threads:
        list(threads.map(lambda one: one.sync_at(url), places))
    settle(places, url)
    check(places, server, database)


@pytest.fixture
def roles(server: Server, database: str, tmp_path: Path) -> list[str]:
    """Two URLs, each of a role that may write its own rows only, of a database that its owner has prepared."""
    url = server.database(database)
    owner = place(tmp_path, "owner")
    owner.sync_at(url)
    sql = Path(migrations.__code__.co_filename).with_name("least_privilege.sql").read_text(encoding="utf-8")
    urls = []
    with psycopg.connect(url, autocommit=True) as connection:
        connection.execute(sql.encode())
        for name in ("kitchen", "attic"):
            role = f"{name}_{database[:30]}"
            connection.execute(f"DROP ROLE IF EXISTS {role}".encode())
            connection.execute(f"CREATE ROLE {role} LOGIN PASSWORD 'secret' IN ROLE packetbuddy_device".encode())
            urls.append(server.url(database, user=role, password="secret"))  # noqa: S106 - a test's
    return urls


def test_a_role_writes_its_own_rows_only(server: Server, database: str, roles: list[str], tmp_path: Path) -> None:
    """With row-level security everything works, and nobody can change, forget or pretend to be another."""
    places = [place(tmp_path, name) for name in ("kitchen", "attic")]
    for _ in range(2):
        for one, url in zip(places, roles, strict=True):
            one.sync_at(url)
    places[0].use(random.Random(5))  # noqa: S311 - any traffic will do
    for one, url in zip([*places, places[0]], [*roles, roles[0]], strict=True):
        one.sync_at(url)
    together = everybody(server, database)
    assert [one.combined() for one in places] == [together, together]
    kitchen = places[0].device()
    before = remote_rows(server, database)
    with connected(roles[1]) as remote:
        assert not remote.rename(kitchen, "mine")
        assert not remote.retire(kitchen)
        assert not remote.forget(kitchen)
    with psycopg.connect(roles[1], autocommit=True) as connection:
        assert connection.execute("UPDATE packetbuddy.days SET rx = 0 WHERE device = %s", (kitchen,)).rowcount == 0
        assert connection.execute("DELETE FROM packetbuddy.days WHERE device = %s", (kitchen,)).rowcount == 0
        for statement in (
            f"""INSERT INTO packetbuddy.days SELECT device, day + 1, revision, rx, tx, estimated, peak, observed,
                quarters_rx, quarters_tx FROM packetbuddy.days WHERE device = '{kitchen}'""",  # noqa: S608 - our own names
            """INSERT INTO packetbuddy.devices (id, owner, machine, name, os)
                VALUES (gen_random_uuid(), 'postgres', '', '', '')""",
            "UPDATE packetbuddy.devices SET owner = 'postgres'",
            "UPDATE packetbuddy.meta SET version = 9",
            "CREATE TABLE packetbuddy.mine ()",
        ):
            with pytest.raises(psycopg.errors.InsufficientPrivilege):
                connection.execute(statement.encode())
    assert remote_rows(server, database) == before


EVIL = {
    "seen never": "UPDATE packetbuddy.devices SET seen = 'infinity', changed = 'infinity', retired = '-infinity'",
    "seen beyond every calendar": "UPDATE packetbuddy.devices SET seen = '290000-01-01', retired = '4000-01-01 BC'",
    "texts of megabytes": """UPDATE packetbuddy.devices
        SET name = repeat('n', 9000000), os = repeat('o', 9000000), machine = repeat('m', 9000000)""",
    "columns of megabytes": "UPDATE packetbuddy.days SET quarters_rx = array_fill(1::bigint, '{500000}')",
    "revisions without end": """UPDATE packetbuddy.devices SET revision = 9223372036854775807;
        UPDATE packetbuddy.days SET revision = 9223372036854775807""",
}


@pytest.mark.parametrize("case", sorted(EVIL))
def test_a_hostile_role_keeps_nobody_from_synchronising(
    case: str, server: Server, database: str, roles: list[str], tmp_path: Path
) -> None:
    """Whatever one role writes into its own rows, another's runs succeed, are small, and bring what others wrote."""
    kitchen, attic, honest = (place(tmp_path, name) for name in ("kitchen", "attic", "honest"))
    attic.sync_at(roles[1])
    with psycopg.connect(roles[1], autocommit=True) as connection:
        connection.execute(EVIL[case].encode())
    honest.sync_at(server.url(database))
    with Counter(server.port) as counter:
        kitchen.sync_at(roles[0].replace(str(server.port), str(counter.port)))
        assert counter.received < 100_000
    rows = {row.name: row.usage.total for row in devices(kitchen.asking(), None)}
    assert rows["honest"] == 12


def test_a_role_cannot_pass_for_anothers_machine(
    server: Server, database: str, roles: list[str], tmp_path: Path
) -> None:
    """The hash of a machine is there to be read by all; only accounts whose rows are one role's are one device."""
    kitchen, attic, viewer = (place(tmp_path, name) for name in ("kitchen", "attic", "viewer"))
    account = Place(tmp_path / "account", "account", kitchen.machine)
    account.use(random.Random(9))  # noqa: S311 - any traffic will do
    kitchen.sync_at(roles[0])
    account.sync_at(roles[0])
    attic.machine.identity = kitchen.machine.identity
    views = ((viewer, server.url(database)), (kitchen, roles[0]))
    before = [kitchen_of(one, url) for one, url in views]
    attic.sync_at(roles[1])
    server.execute(
        """UPDATE packetbuddy.days SET observed = 86400, quarters_observed = NULL
        WHERE device = (SELECT id FROM packetbuddy.devices WHERE name = 'attic')""",
        database,
    )
    after = [kitchen_of(one, url) for one, url in views]
    assert before == after
    assert before[0][0] == 2
    assert [row.accounts for row in devices(viewer.asking(), None) if row.name == "attic"] == [1]


def kitchen_of(one: Place, url: str) -> tuple[int, int]:
    """How many accounts the device kitchen has in the eyes of another or its own after a run, and its bytes."""
    one.sync_at(url)
    (row,) = (row for row in devices(one.asking(), None) if row.name == "kitchen")
    return row.accounts, row.usage.total


@pytest.mark.parametrize("alone", [False, True])
def test_a_device_that_came_before_its_role_is_handed_over(
    alone: bool, server: Server, database: str, roles: list[str], tmp_path: Path
) -> None:
    """A row that another role made is told as that, in the status too; once it is handed over, all goes on."""
    one = place(tmp_path, "one")
    one.sync_at(server.url(database))
    if alone:
        server.execute("DROP POLICY read_all ON packetbuddy.devices", database)
    one.use(random.Random(10))  # noqa: S311 - any traffic will do
    with pytest.raises(SyncSetupError, match="rows in the database are another role's") as told:
        one.sync_at(roles[0])
    role = conninfo_to_dict(roles[0])["user"]
    server.execute(told.value.hint.partition(": ")[2].replace("ROLE", str(role)), database)
    one.sync_at(roles[0])
    assert one.own_rows() == {
        day: row for day, row in remote_rows(server, database)[one.device()].items() if sum(row.rx)
    }


def test_devices_that_see_only_themselves(server: Server, database: str, roles: list[str], tmp_path: Path) -> None:
    """For a fleet: without the policy that lets them read all, each device sees its own rows and works on."""
    for table in ("devices", "days"):
        server.execute(f"DROP POLICY read_all ON packetbuddy.{table}", database)
    places = [place(tmp_path, name) for name in ("kitchen", "attic")]
    for _ in range(2):
        for one, url in zip(places, roles, strict=True):
            one.sync_at(url)
    assert [row.name for row in devices(places[0].asking(), None)] == ["kitchen"]
    assert len(remote_rows(server, database)) == 3


def test_a_role_without_rights_is_told_so(server: Server, database: str, tmp_path: Path) -> None:
    """Who may not make the schema, or not use it, hears that it is the owner's turn."""
    server.database(database)
    server.execute("DROP ROLE IF EXISTS nobody_at_all")
    server.execute("CREATE ROLE nobody_at_all LOGIN PASSWORD 'secret'")
    one = place(tmp_path, "one")
    with pytest.raises(SyncSetupError, match="may not do that"):
        one.sync_at(server.url(database, user="nobody_at_all", password="secret"))  # noqa: S106 - a test's
    one.sync_at(server.url(database))
    with pytest.raises(SyncSetupError, match="may not do that"):
        one.sync_at(server.url(database, user="nobody_at_all", password="secret"))  # noqa: S106 - a test's


def test_a_forgotten_device_comes_back_whole(server: Server, database: str, tmp_path: Path) -> None:
    """Forgotten by another it vanishes there; if it still runs it is back with all its days, cursors begun anew."""
    url = server.database(database)
    places = [place(tmp_path, name, count=5) for name in ("one", "two")]
    settle(places, url)
    with connected(url) as remote:
        assert remote.forget(places[1].device())
    places[0].sync_at(url)
    assert [row.name for row in devices(places[0].asking(), None)] == ["one"]
    settle(places, url)
    check(places, server, database)


def test_a_database_that_went_back_is_made_whole(server: Server, database: str, tmp_path: Path) -> None:
    """Its backup of last week restored under living devices: everything is taken up again, and seen by all."""
    url = server.database(database)
    places = [place(tmp_path, name, count=4) for name in ("one", "two")]
    settle(places, url)
    server.execute("CREATE SCHEMA aside", database)
    for table in ("devices", "days"):
        server.execute(f"CREATE TABLE aside.{table} AS TABLE packetbuddy.{table}", database)
    for _ in range(3):
        places[0].use(random.Random(6))  # noqa: S311 - any traffic will do
        settle(places, url)
    server.execute("DELETE FROM packetbuddy.days; DELETE FROM packetbuddy.devices", database)
    for table in ("devices", "days"):
        server.execute(f"INSERT INTO packetbuddy.{table} SELECT * FROM aside.{table}", database)  # noqa: S608 - our own names
    settle(places, url)
    check(places, server, database)


def test_another_database_gets_everything(server: Server, database: str, tmp_path: Path) -> None:
    """A new URL, and the old one again: both hold all of it."""
    one = place(tmp_path, "one", count=4)
    urls = [server.database(database), server.database(f"{database[:50]}two")]
    for url in (*urls, *urls):
        one.use(random.Random(7))  # noqa: S311 - any traffic will do
        settle([one], url)
    for name in (database, f"{database[:50]}two"):
        if name != database:
            check([one], server, name)
    assert one.lifetime() == tuple(map(sum, zip(*everybody(server, f"{database[:50]}two").values(), strict=True)))


def test_a_restored_ledger_waits_for_its_first_look(server: Server, database: str, tmp_path: Path) -> None:
    """What the counters still tell must not come from the database too: the run waits, and every byte is there once."""
    url = server.database(database)
    one = place(tmp_path, "one")
    backup = one.back_up(tmp_path / "backup.db")
    with Counting(one.home.root, one.machine) as counting:
        counting.use(one.machine.wall_ns + 3 * HOUR * GIGA, rx=1000, tx=0)
    one.sync_at(url)
    before = one.lifetime()
    prepare(backup, one.home.ledger, at_ns=one.machine.wall_ns)
    put(one.home.ledger, one.home.backups)
    with pytest.raises(SyncBusyError, match="older than the database"):
        one.sync_at(url)
    with Counting(one.home.root, one.machine):
        pass
    settle([one], url)
    assert one.lifetime() == before
    check([one], server, database)


def test_what_a_reboot_hid_comes_back_from_the_database(server: Server, database: str, tmp_path: Path) -> None:
    """A restored ledger takes back the boot that it lacks, in a series with a name, sound to the audit."""
    url = server.database(database)
    one = place(tmp_path, "one")
    backup = one.back_up(tmp_path / "backup.db")
    with Counting(one.home.root, one.machine) as counting:
        counting.use(one.machine.wall_ns + 3 * HOUR * GIGA, rx=1000, tx=7)
        one.machine.run(HOUR)
        counting.look()
    one.sync_at(url)
    before = one.lifetime()
    one.machine.reboot(2 * HOUR)
    one.restore(backup)
    assert one.lifetime() < before
    settle([one], url)
    assert one.lifetime() == before
    assert sound(one.home.root)
    with looking(one.asking()) as sight:
        assert "sync" in {each.name for each in sight.reader.interfaces()}
        assert Sharing(sight.reader).standing() is not None


def test_accounts_are_united_whatever_cut_the_run(server: Server, database: str, tmp_path: Path) -> None:
    """However a run is cut that brought what a second account counted too: after the next, nothing counts twice."""
    url = server.database(database)
    reader, one, other = (place(tmp_path, name) for name in ("reader", "one", "other"))
    two = Place(tmp_path / "two", "two", one.machine)
    chance = random.Random(7)  # noqa: S311 - any traffic will do
    cuts, whole = 0, False
    while not whole:
        two.use(chance, stretch=HOUR)
        two.sync_at(url)
        reader.sync_at(url)
        with Counting(one.home.root, one.machine):
            pass
        other.use(chance, stretch=HOUR)
        for each in (one, other):
            each.sync_at(url)
        with Cutter(server.port) as cutter:
            cutter.cut_after(told=cuts)
            whole = reader.tried(url.replace(str(server.port), str(cutter.port)))
        reader.sync_at(url)
        assert reader.combined() == everybody(server, database), f"cut after {cuts}"
        cuts += 1
    assert cuts > 5
