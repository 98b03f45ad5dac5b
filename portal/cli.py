"""The commands: serve, set the database up, fill in demo data, verify the attendance record."""

from __future__ import annotations

import gc
import os
import sys
from typing import TYPE_CHECKING, TextIO

import click

from portal.config import ConfigError, Settings, from_environment
from portal.db import Database
from portal.web import logs

if TYPE_CHECKING:
    from datetime import datetime


def main() -> None:
    """Run a command; a setting that does not hold is told in plain lines, never as a traceback."""
    try:
        portal(standalone_mode=True)
    except ConfigError as faults:
        click.echo(f"The portal cannot start:\n{faults}", err=True)
        sys.exit(2)


@click.group()
def portal() -> None:
    """Min vei: the phone portal of a municipal Nav office."""
    logs.keep_clean()


@portal.command()
@click.option(
    "--show-address", is_flag=True, help="Print the address as a QR code, for a phone on the same network."
)
def serve(*, show_address: bool) -> None:
    """Serve the portal until told to stop."""
    settings = _settings()  # first of all: a wrong setting is told at once, not after seconds of loading
    gc.disable()  # hardly anything that is loaded is garbage, and looking for it took a fifth of the start
    from portal.app import create_app
    from portal.attendance.service import heads
    from portal.chat.service import rechecking
    from portal.migrations import steps
    from portal.realtime.serving import serve as serve_app

    app = create_app(settings)
    parts = app.extensions["portal"]
    if not steps.is_current(parts.database):
        click.echo("The database lacks some steps. Run: portal db upgrade", err=True)
        sys.exit(2)
    parts.database.close()  # connections do not survive the fork into the serving process
    if show_address:
        _print_address(settings)
    notices = app.extensions["notices"]

    def start() -> None:
        parts.database.close()
        notices.start()
        heads.keep_signing(parts.database)
        if settings.clamd:
            rechecking.keep_checking(parts.database, settings.clamd)

    gc.enable()
    serve_app(app, settings, on_start=start, on_stop=notices.stop)


@portal.group()
def db() -> None:
    """Look after the database."""


@db.command("upgrade")
def db_upgrade() -> None:
    """Take the database to today's tables."""
    from portal.migrations import steps

    database = _database(_settings())
    steps.upgrade(database)
    database.close()


@db.command("new-step")
@click.argument("number")
@click.argument("message")
def db_new_step(number: str, message: str) -> None:
    """Write the migration step that leads from the database to the models (for those who build)."""
    from portal.migrations import steps

    database = _database(_settings())
    steps.new_step(database, number, message)
    database.close()


@portal.command("demo-data")
def demo_data() -> None:
    """Fill an empty database with the made-up office Elvebyen. Only in demo mode."""
    from portal.demo.building import build

    settings = _settings()
    if not settings.is_demo:
        click.echo("Demo data is only for PORTAL_MODE=demo.", err=True)
        sys.exit(2)
    database = _database(settings)
    click.echo(build(database), err=True)
    database.close()


@portal.command()
@click.option("--show-address", is_flag=True, help="Print the address as a QR code, for a phone.")
@click.pass_context
def demo(context: click.Context, *, show_address: bool) -> None:
    """Do `db upgrade`, `demo-data` and `serve` in one go: starting Python three times takes longer."""
    context.invoke(db_upgrade)
    context.invoke(demo_data)
    context.invoke(serve, show_address=show_address)


@portal.group()
def staff() -> None:
    """Look after those who work here."""


@staff.command("add")
@click.argument("username")
@click.argument("given_name", metavar="GIVEN")
@click.argument("family_name", metavar="FAMILY")
def staff_add(username: str, given_name: str, family_name: str) -> None:
    """Make somebody who administers, and print her one-time code: how the first admin gets in."""
    from portal.errors import Refused
    from portal.people.service.first_admin import add_admin

    settings = _settings()
    database = _database(settings)
    try:
        with database.transaction() as s:
            made = add_admin(
                s,
                username=username,
                given_name=given_name,
                family_name=family_name,
                hours=settings.activation_hours,
            )
    except Refused as fault:
        click.echo(_REFUSED_BY_COMMAND[fault.code], err=True)
        sys.exit(2)
    finally:
        database.close()
    click.echo(made.code)
    click.echo(
        f"The code works once, for {settings.activation_hours} hours. Give it only to {given_name} herself."
        f" She types it on {settings.origins[0]}/aktiver.",
        err=True,
    )


_REFUSED_BY_COMMAND = {
    "staff.username_taken": "Somebody has that username already. Choose another one.",
    "staff.username_shape": "Use two or more letters and digits in the username, without spaces.",
    "staff.name_needed": "Give a username, a given name and a family name, each of at most 80 characters.",
}


@portal.group()
def notify() -> None:
    """Look after notices to people's phones."""


@notify.command("send")
def notify_send() -> None:
    """Send what is due now, once, and tell how it went as one JSON line. `portal serve` does so by itself."""
    import json

    from portal.app import create_app

    app = create_app(_settings())
    came_to = app.extensions["notices"].once()
    app.extensions["portal"].database.close()
    click.echo(json.dumps({result.value: count for result, count in sorted(came_to.items())}))


@portal.group()
def files() -> None:
    """Look after the photos and PDFs of the chat."""


@files.command("check")
def files_check() -> None:
    """Ask the virus check about every file that waits for it. Exit code 1 when some still wait."""
    from portal.chat.service import rechecking

    settings = _settings()
    if not settings.clamd:
        click.echo("PORTAL_CLAMD is not set: files are not checked here.", err=True)
        sys.exit(2)
    database = _database(settings)
    came_to = rechecking.check_waiting(database, settings.clamd)
    database.close()
    click.echo(f"{came_to.ready} open now, {came_to.blocked} stopped, {came_to.waiting} still wait", err=True)
    sys.exit(1 if came_to.waiting else 0)


@portal.group()
def keys() -> None:
    """Look after the keys that seal people's words."""


@keys.command("rotate")
def keys_rotate() -> None:
    """Seal everything anew with the newest key, while the portal runs. Exit code 1 when something is left."""
    import json

    from portal.app import SEALED
    from portal.resealing import reseal

    database = _database(_settings())
    counts = {one.name: reseal(database, one).as_data() for one in SEALED}
    database.close()
    click.echo(json.dumps(counts))
    left = sum(count["left"] for count in counts.values())
    click.echo(f"{left} are still sealed with an older key", err=True)
    sys.exit(1 if left else 0)


@portal.group()
def attendance() -> None:
    """Look after the attendance record."""


@attendance.command("verify")
@click.option(
    "--heads", type=click.File(), help="Signed heads that were kept elsewhere; - reads them from a pipe."
)
def attendance_verify(heads: TextIO | None) -> None:
    """Check that nobody has touched attendance, its words or what people told us. Exit code 1 if so."""
    import json

    from portal.attendance.service import heads as signed
    from portal.attendance.service import verifying

    kept = [json.loads(line) for line in heads or () if line.strip()]
    database = _database(_settings())
    with database.transaction(writes=False, is_steady=True) as s:
        faults = [
            *verifying.list_broken_days(s),
            *signed.list_head_faults(s),
            *signed.list_faults_of(s, kept),
        ]
    database.close()
    for fault in faults:
        click.echo(fault)
    click.echo(f"{len(faults)} faults; {len(kept)} heads that were kept elsewhere were looked at", err=True)
    sys.exit(1 if faults else 0)


@attendance.command("heads")
@click.option("--since", type=click.DateTime(["%Y-%m-%d"]), default="2000-01-01", help="The first day.")
def attendance_heads(since: datetime) -> None:
    """Sign the days that are over and print every signed head as a JSON line, to be kept elsewhere."""
    import json

    from portal.attendance.service import heads as signed

    database = _database(_settings())
    signed.sign_ended_days(database)
    with database.transaction(writes=False) as s:
        for head in signed.list_heads(s, first=since.date()):
            click.echo(json.dumps(head.as_data()))
    database.close()


def _settings() -> Settings:
    return from_environment(os.environ)


def _database(settings: Settings) -> Database:
    from portal.bus import Bus

    return Database(settings.database_url, facts=Bus(), data_keys=settings.plain_data_keys)


def _print_address(settings: Settings) -> None:
    import segno

    click.echo(
        "Shown on the local network without https, with made-up people only. Never do this with real ones.",
        err=True,
    )
    for origin in settings.origins:
        if "127.0.0.1" not in origin and "localhost" not in origin:
            click.echo(origin, err=True)
            segno.make(origin).terminal(out=sys.stderr, compact=True)
