"""The benches measure what they say: each can be loaded, and its parts are right on a small input."""

import asyncio
import importlib
import os
import threading
import time
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import pytest

from tests.bare_page import bare_app
from tests.bench import chat, crowd, lighthouse, pages, throughput
from tests.bench.crowd import Measured
from tests.chat_phones import BY_LINE, BY_REQUEST, relay_talks
from tests.chat_runs import Heard, Run, Said, Talk, came_of, keep_pace, saturate
from tests.chat_servers import serve_relay
from tests.load import Load, Server, cpu_seconds, load, percentile, size_of
from tests.paint import Paint

BENCHES = sorted(path.stem for path in (Path(__file__).parent / "bench").glob("[a-z]*.py"))


@pytest.mark.parametrize("name", BENCHES)
def test_every_bench_can_be_started_by_name(name):
    assert callable(importlib.import_module(f"tests.bench.{name}").main)


def test_the_bare_page_is_as_large_as_asked():
    answer = bare_app(10_735).test_client().get("/")
    assert (answer.status_code, len(answer.data)) == (200, 10_735)


@contextmanager
def server_that_answers(body, status=200):
    class Page(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def do_GET(self):
            self.send_response(status)
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, *_):
            """Say nothing."""

    server = ThreadingHTTPServer(("127.0.0.1", 0), Page)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    yield Server(server.server_address[1], group=0)
    server.shutdown()
    server.server_close()


def test_the_load_client_reads_whole_answers_and_counts_them():
    with server_that_answers(b"x" * 200_000) as server:
        assert size_of(server) == 200_000
        done = load(server, browsers=2, seconds=0.2)
    assert len(done.answers) >= 2
    assert done.seconds >= 0.2
    assert done.per_second == pytest.approx(len(done.answers) / done.seconds)


def test_the_load_client_counts_no_refused_answer():
    with server_that_answers(b"", status=503) as server, pytest.raises(RuntimeError, match="503"):
        load(server, browsers=1, seconds=0.1)


def test_percentiles_are_values_that_were_measured():
    values = [float(number) for number in range(1, 101)]
    assert [percentile(values, percent) for percent in (50, 95, 99, 100)] == [50, 95, 99, 100]
    assert percentile([7.0], 99) == 7


def test_the_processor_time_of_a_group_grows_with_its_work():
    before, began = cpu_seconds(os.getpgrp()), time.process_time()
    while time.process_time() < began + 0.1:
        pass
    assert cpu_seconds(os.getpgrp()) > before
    assert cpu_seconds(2**22 + 1) == 0


@pytest.mark.parametrize(("answers", "over"), [(40, []), (10, ["ratio 0.1 < 0.2"])])
def test_i_dag_is_judged_by_its_ratio_to_the_bare_page(answers, over):
    pair = (Load(seconds=1, answers=[0.02] * answers), Load(seconds=1, answers=[0.001] * 100))
    line = throughput.figures(10_000, [pair, pair])
    assert (line.ratio, line.over) == (answers / 100, over)
    assert (line.p99_ms, line.bare_p99_ms) == (20, 1)


def test_a_page_that_paints_late_or_jumps_is_over():
    visit = next(one for one in pages.VISITS if one.page == "today")
    nothing = pages.Wire()
    assert pages._figures(visit, nothing, nothing, 1, Paint(1500, 0.02)).over == []
    late = pages._figures(visit, nothing, nothing, 1, Paint(1501, 0.03))
    assert late.over == ["lcp_ms 1501 > 1500", "cls 0.03 > 0.02"]


def test_a_page_that_asks_more_or_takes_longer_with_a_crowd_is_over():
    few = Measured(queries=5, p50_ms=9, p95_ms=20, cpu_p95_ms=5, kb=8)
    assert crowd.line_of("plan", few, few).over == []
    many = Measured(queries=6, p50_ms=9, p95_ms=151, cpu_p95_ms=5, kb=8)
    assert crowd.line_of("plan", few, many).over == ["queries 5 and 6", "p95_ms 151 > 150"]


@pytest.mark.timeout(60)
def test_a_small_crowd_can_be_added_and_every_page_opened(tmp_path):
    lines = list(crowd.compare(tmp_path, size=60, times=1, days=40))
    assert [line.page for line in lines] == [page.page for page in crowd.PAGES]
    assert [line for line in lines if line.few.queries != line.many.queries] == []
    grown = {line.page for line in lines if line.many.kb > line.few.kb}
    assert {"inbox", "board", "search hits", "who has seen"} <= grown


@pytest.mark.parametrize(("score", "over"), [(1, []), (0.96, ["best-practices 96 < 100: errors-in-console"])])
def test_lighthouses_marks_are_held_against_the_bar(score, over):
    audits = {"errors-in-console": {"score": int(score)}, "largest-contentful-paint": {"numericValue": 900.4}}
    weighed = [{"id": "errors-in-console", "weight": 1}]
    scores = {"performance": 0.95, "accessibility": 1, "best-practices": score}
    categories = {name: {"score": mark, "auditRefs": weighed} for name, mark in scores.items()}
    line = lighthouse.marks("today", {"audits": audits, "categories": categories})
    assert (line.performance, line.best_practices, line.lcp_ms) == (95, round(score * 100), 900)
    assert line.over == over


def test_what_is_lost_or_comes_twice_is_told_apart_from_what_is_shown():
    said = [Said(due=1.0, shown=1.25, times=1), Said(due=1.0, shown=1.5, times=2), Said(due=1.0)]
    run = came_of(said, seconds=2)
    assert (run.per_second, run.within_ms(50), run.within_ms(99), run.lost, run.dup) == (1.0, 250, 500, 1, 1)


LATE = ["p50 51.0 > 10", "p99 51.0 > 50"]
NOTHING = ["p50 None > 10", "p99 None > 50"]


@pytest.mark.parametrize(("took", "over"), [(0.01, []), (0.051, LATE), (None, NOTHING)])
def test_a_chat_that_shows_late_is_over(took, over):
    run = Run(seconds=1, took=[took] * 9 if took else [])
    assert chat.steady_figures(run, "set aside").over == over
    assert chat.steady_figures(run, "untouched").over == [], "it is there to compare with"


def test_a_chat_that_loses_or_is_far_from_the_relay_is_over():
    ours, relay = Run(seconds=1, took=[0.1] * 11, lost=2), Run(seconds=1, took=[0.1] * 100)
    line = chat.saturated_figures([ours, ours], [relay, relay], BY_LINE)
    assert (line.ratio, line.lost, line.over) == (0.11, 4, ["lost 4 > 0", "ratio 0.11 < 0.12"])
    other_door = chat.saturated_figures([ours, ours], [relay, relay], BY_REQUEST)
    assert other_door.over == ["lost 4 > 0"], "no page whose connection is up uses it"
    assert chat.idle_figures(121).over == ["kib_per_phone 121 > 120"]
    assert chat.back_figures(5.1, 4.2).over == ["back_in_sync_s 5.1 > 5"]


def run_apart(work):
    """In a thread of its own: a browser of another test may have a loop running in this one."""
    with ThreadPoolExecutor(1) as pool:
        return pool.submit(asyncio.run, work).result()


def test_a_slow_server_is_not_spared_by_waiting_for_it():
    """So many messages a second are due, and what had to wait is counted from when it was due."""
    heard = Heard()

    async def say(client_id, _text):
        await asyncio.sleep(0.05)
        heard.note(client_id)

    run = run_apart(keep_pace([Talk(say)], heard, per_second=100, seconds=0.1))
    assert (len(run.took), run.lost, run.dup) == (10, 0, 0)
    assert run.took[-1] > 0.3, "ten times fifty milliseconds, all due within a hundred"


@pytest.mark.timeout(60)
def test_phones_talk_by_the_relay_and_every_message_is_heard_once():
    core = str(min(os.sched_getaffinity(0)))

    async def talk_for_a_moment(port):
        async with relay_talks(port, 3) as (talks, heard):
            return await saturate(talks, heard, seconds=0.2)

    with serve_relay(core, 6) as relay:
        run = run_apart(talk_for_a_moment(relay.port))
    assert len(run.took) >= 3
    assert (run.lost, run.dup) == (0, 0)
