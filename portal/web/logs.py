"""What is written down about what happens: never anything personal, not by accident either."""

from __future__ import annotations

import sys

import structlog


def keep_clean() -> None:
    """Log one JSON line a happening, to standard error, with keys from a list.

    Nothing personal by accident.
    """
    structlog.configure(
        processors=[
            structlog.processors.add_log_level,
            structlog.processors.TimeStamper(fmt="iso", utc=True),
            _only_known_keys,
            structlog.processors.JSONRenderer(),
        ],
        logger_factory=structlog.PrintLoggerFactory(sys.stderr),
    )


_KNOWN_KEYS = frozenset(
    {
        "event",
        "level",
        "timestamp",
        "event_id",
        "event_name",
        "endpoint",
        "fact",
        "where",
        "fault",
        "exc_info",
        "exception",
    }
)


def _only_known_keys(
    _logger: object, _method: str, entry: structlog.typing.EventDict
) -> structlog.typing.EventDict:
    """Leave out every key that is not on the list.

    Of an exception, keep its kind and its place, never its values.
    """
    clean = {key: value for key, value in entry.items() if key in _KNOWN_KEYS}
    fault = clean.pop("exc_info", None)
    if fault is True:
        fault = sys.exc_info()[1]
    if isinstance(fault, BaseException):
        clean["fault"] = type(fault).__name__
        trace = fault.__traceback__
        while trace and trace.tb_next:
            trace = trace.tb_next
        if trace:
            clean["where"] = f"{trace.tb_frame.f_code.co_filename.rpartition('portal/')[2]}:{trace.tb_lineno}"
    return clean
