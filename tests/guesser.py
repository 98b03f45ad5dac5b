"""One of several processes that guess at the same moment, on one database; told what to do line by line.

Each line on standard input says where, what and how often; each line on standard output counts the answers.
"""

import json
import sys
from collections import Counter
from concurrent.futures import ThreadPoolExecutor
from datetime import datetime

from argon2 import PasswordHasher
from sqlalchemy import event

from portal import clock
from portal.app import create_app
from tests.fixtures.application import settings_for, sign_in
from tests.pages import HOST, Browser

AT_ONCE = 6

compared = Counter()
_verify = PasswordHasher.verify


def _counted(self, pin_hash, pin):
    compared[pin_hash] += 1
    return _verify(self, pin_hash, pin)


def main(database_url):
    PasswordHasher.verify = _counted  # looks only at how often the library is asked
    app = create_app(settings_for(database_url))
    app.config["WTF_CSRF_ENABLED"] = False  # whoever guesses reads the form too; here it would only be slow
    app.test_client_class = Browser
    _stand_in_line(app.extensions["portal"].database.engine)
    for line in sys.stdin:
        order = json.loads(line)
        compared.clear()
        with clock.stop_at(datetime.fromisoformat(order["at"])), ThreadPoolExecutor(AT_ONCE) as pool:
            tries = pool.map(lambda guess, order=order: _try(app, order, guess), order["guesses"])
            answers = Counter(status for told in tries for status in told)
        answers["compared"] = compared[order.get("pin_hash")]
        sys.stdout.write(json.dumps(answers) + "\n")
        sys.stdout.flush()


def _stand_in_line(engine):
    """Let SQLite wait longer for its writer than the portal does: a busy computer is not what is tried."""
    if engine.dialect.name == "sqlite":
        event.listen(engine, "connect", lambda line, _record: line.execute("PRAGMA busy_timeout=120000"))
        engine.dispose()


def _try(app, order, guess):
    """Make one guess; the answers to it."""
    visitor = app.test_client()
    visitor.environ_base["REMOTE_ADDR"] = order["from"]
    if order.get("phone"):
        visitor.set_cookie("__Host-phone", order["phone"], domain=HOST, secure=True)
    if order.get("login"):
        sign_in(visitor, order["login"])
    if order["field"] == "link":  # it leads on either way, and the next page says what it was
        visitor.get(f"/aktiver/{guess}")
        return ["wrong" if "Koden virker ikke" in visitor.get(order["to"]).text else "waits"]
    return [visitor.post(order["to"], data={order["field"]: guess}).status_code]


if __name__ == "__main__":
    main(sys.argv[1])
