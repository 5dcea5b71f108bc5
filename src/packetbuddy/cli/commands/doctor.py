"""``pb doctor``: what is wrong with this installation, and what to do about it. Changes nothing."""

from argparse import Namespace

from packetbuddy import __version__
from packetbuddy.cli.context import Context, home_of
from packetbuddy.cli.parser import Parser
from packetbuddy.cli.result import DONE, FAILED, Result
from packetbuddy.doctor.diagnosis import Diagnosis, diagnose, homeless
from packetbuddy.doctor.findings import BROKEN
from packetbuddy.doctor.gathering import Patient, gather
from packetbuddy.errors import HomeError
from packetbuddy.settings.places import own_folder


def arguments(_parser: Parser) -> None:
    """Nothing of its own."""


def run(context: Context, _options: Namespace) -> Result:
    """Look at everything; exit 1 if something is broken."""
    from packetbuddy.cli.render.doctor import doctor_lines  # noqa: PLC0415 - `--json` needs no drawing

    found = _diagnosis(context)
    code = FAILED if found.state == BROKEN else DONE
    return Result(_body(found), lambda paper: doctor_lines(found, paper), code)


def _diagnosis(context: Context) -> Diagnosis:
    try:
        home = home_of(context)
    except HomeError as error:
        return homeless(error)
    user_home = own_folder(context.environment)
    return diagnose(gather(Patient(home, context.environment, user_home, context.now_ns, __version__)))


def _body(found: Diagnosis) -> dict[str, object]:
    return {
        "state": found.state,
        "looked_at": list(found.looked_at),
        "findings": [each._asdict() for each in found.findings],
        "seen": list(found.seen),
        "links": [
            {
                "name": each.name,
                "kind": each.kind,
                "counted": each.counted,
                "uncertain": each.uncertain,
                "reason": each.reason,
            }
            for each in found.links
        ],
    }
