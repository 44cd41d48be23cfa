"""The service, over a real socket."""

import json
from threading import Thread
from urllib.error import HTTPError
from urllib.request import Request, urlopen
from wsgiref.simple_server import WSGIRequestHandler, make_server

import pytest
from parcel.service import Service


class Quiet(WSGIRequestHandler):
    def log_message(self, *_):
        pass


@pytest.fixture(scope="module")
def address():
    with make_server("127.0.0.1", 0, Service(), handler_class=Quiet) as server:
        thread = Thread(target=server.serve_forever)
        thread.start()
        yield f"http://127.0.0.1:{server.server_port}"
        server.shutdown()
        thread.join()


def ask(url, body=None):
    data = None if body is None else body if isinstance(body, bytes) else json.dumps(body).encode()
    try:
        with urlopen(Request(url, data=data), timeout=10) as response:
            return response.status, json.load(response)
    except HTTPError as error:
        with error:
            return error.code, json.load(error)


def test_a_parcel_goes_all_the_way(address):
    status, parcel = ask(f"{address}/parcels", {"grams": 1_200})
    assert (status, parcel["postage"]) == (201, 690)
    for place in ("in transit", "out for delivery", "delivered"):
        status, parcel = ask(f"{address}/parcels/{parcel['number']}/moves", {"to": place})
        assert (status, parcel["way"][-1]) == (200, place)
    assert ask(f"{address}/parcels/{parcel['number']}") == (200, parcel)


def test_numbers_differ(address):
    numbers = {ask(f"{address}/parcels", {"grams": 50})[1]["number"] for _ in range(5)}
    assert len(numbers) == 5


@pytest.mark.parametrize(
    ("path", "body", "status", "error"),
    [
        ("/parcels", {"grams": 20_001}, 400, "20001 g is more than 20000 g"),
        ("/parcels", {}, 400, "'grams'"),
        ("/parcels", {"grams": "heavy"}, 400, "not supported"),
        ("/parcels", [], 400, "not an object"),
        ("/parcels", b"x" * 10_001, 400, "more than 10000 bytes"),
        ("/parcels/RA473124828US", None, 400, "not a tracking number"),
        ("/parcels/RA473124829US", None, 404, "RA473124829US"),
        ("/letters", None, 404, "/letters"),
    ],
)
def test_what_is_wrong_is_said(address, path, body, status, error):
    code, answer = ask(address + path, body)
    assert code == status
    assert error in answer["error"]


def test_a_parcel_cannot_be_delivered_before_it_left(address):
    number = ask(f"{address}/parcels", {"grams": 50})[1]["number"]
    status, answer = ask(f"{address}/parcels/{number}/moves", {"to": "delivered"})
    assert (status, answer["error"]) == (400, "accepted -> delivered")
