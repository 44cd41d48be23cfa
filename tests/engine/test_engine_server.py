"""OpaServer against a real server that somebody else runs, on this machine."""

from __future__ import annotations

import json
import socket
import time
import urllib.error
import urllib.request
from contextlib import suppress
from dataclasses import replace
from typing import TYPE_CHECKING, Any

import pytest
from engine_rules import body, finding, question, rule, rule_set, severe

from gatekeeper.engine.command import OpaCommand
from gatekeeper.engine.server import OpaServer
from gatekeeper.errors import EngineError, EngineTimeoutError, PolicyError, UsageError
from gatekeeper.question import RuleAnswer

if TYPE_CHECKING:
    from gatekeeper.policy import RuleSet

RULES = rule_set(rule(), severe())
ASKED = question(ask=["coverage.lines", "vulnerabilities.severe"], findings=[finding(1, "high")])


@pytest.fixture
def server(url: str, command: OpaCommand) -> OpaServer:
    """A new client of a server that holds nothing."""
    empty(url)
    return OpaServer(url, command=command)


def call(url: str, method: str, path: str, data: str = "") -> Any:
    request = urllib.request.Request(url + path, method=method, data=data.encode() or None)  # noqa: S310
    with urllib.request.urlopen(request, timeout=10) as answer:  # noqa: S310
        return json.loads(answer.read() or b"{}")


def held(url: str) -> list[str]:
    return sorted(module["id"] for module in call(url, "GET", "/v1/policies")["result"])


def empty(url: str) -> None:
    """Delete all modules; those that others use can only go last."""
    while names := held(url):
        for name in names:
            with suppress(urllib.error.HTTPError):
                call(url, "DELETE", f"/v1/policies/{name}")


def ask(server: OpaServer, rules: RuleSet = RULES) -> Any:
    return server.evaluate(rules, [ASKED], deadline=20)


def namespace(rules: RuleSet) -> str:
    return f"gatekeeper_{rules.digest.removeprefix('sha256:')[:32]}"


def test_a_rule_with_a_library_denies(server: OpaServer, url: str) -> None:
    (answer,) = ask(server)
    assert [member["term"] for member in answer["vulnerabilities.severe"].deny] == ["CVE-1"]
    assert held(url) == [
        f"{namespace(RULES)}/{path}"
        for path in (
            "coverage/lines/lines.rego",
            "gatekeeper/canary.rego",
            "gatekeeper/entry.rego",
            "vulnerabilities/lib/rank.rego",
            "vulnerabilities/severe/severe.rego",
        )
    ]


def test_rule_sets_lie_side_by_side(server: OpaServer) -> None:
    other = rule_set(rule(), body('deny contains {"message": "always"}', rule_id="vulnerabilities.severe"))
    for _ in range(2):
        assert ask(server)[0]["vulnerabilities.severe"].deny[0]["message"] == "CVE-1 is high"
        (answer,) = ask(server, rule_set(*other.rules))
        assert answer["vulnerabilities.severe"].deny == [{"message": "always"}]


def test_what_does_not_compile_is_never_sent(server: OpaServer, url: str) -> None:
    with pytest.raises(PolicyError, match=r"http\.send is not allowed"):
        ask(server, rule_set(body('deny contains http.send({"method": "get", "url": "http://localhost"})')))
    assert held(url) == []


def test_errors_speak_of_the_author_s_package_and_file(server: OpaServer) -> None:
    torn = body("limit := report.lines_covered if some report in input.coverage\n\ndeny contains limit")
    source = {"lines_valid": 10, "complete": True, "source": {}}
    reports = [{**source, "lines_covered": 3}, {**source, "lines_covered": 4}]
    (answer,) = server.evaluate(rule_set(torn), [question(documents={"coverage": reports})], deadline=20)
    assert answer["coverage.lines"].problem == (
        "eval_conflict_error: rule data.gatekeeper.coverage.lines.limit produced conflicting values:"
        " 3 at coverage/lines/lines.rego:5 4 at coverage/lines/lines.rego:5 at coverage/lines/lines.rego:5"
    )


@pytest.mark.parametrize(
    ("path", "package", "reason"),
    [
        ("elsewhere", "{namespace}.vulnerabilities.lib", "elsewhere was put there by somebody else"),
        ("{namespace}/more.rego", "harmless", "more.rego was put there by somebody else"),
        ("{namespace}/coverage/lines/lines.rego", "{namespace}.coverage.lines", "lines.rego is not what was sent"),
        ("{namespace}/gatekeeper/entry.rego", "{namespace}_entry", "entry.rego is not what was sent"),
    ],
)
def test_whatever_else_is_in_the_namespace_is_found(
    server: OpaServer, url: str, path: str, package: str, reason: str
) -> None:
    assert ask(server)
    name = namespace(RULES)
    call(
        url, "PUT", f"/v1/policies/{path.format(namespace=name)}", f"package {package.format(namespace=name)}\n\nx := 1"
    )
    with pytest.raises(EngineError) as caught:
        ask(server)
    assert reason in caught.value.message
    assert caught.value.code == "engine.foreign"


def test_what_is_beside_the_namespace_does_not_matter(server: OpaServer, url: str) -> None:
    call(url, "PUT", "/v1/policies/theirs", "package theirs\n\nx := 1")
    call(url, "PUT", "/v1/policies/ours", "package gatekeeper.coverage.lines\n\ndeny := set()")
    assert ask(server)[0]["coverage.lines"].deny


def test_a_server_that_lost_its_modules_is_an_error_once(server: OpaServer, url: str) -> None:
    before = ask(server)
    empty(url)
    with pytest.raises(EngineError, match="is not what was sent"):
        ask(server)
    assert ask(server) == before


def test_another_version_is_refused(url: str, command: OpaCommand, server: OpaServer) -> None:
    newer = OpaServer(url, command=OpaCommand(replace(command._binary, version="1.23.0")))
    with pytest.raises(EngineError, match=r"the server is OPA 1\.22\.2 \(the gate asks for 1\.23\.0\)"):
        ask(newer)
    assert ask(server)


def test_its_identity_has_no_digest(server: OpaServer) -> None:
    assert (str(server.identity), server.identity.digest, server.identity.platform) == ("opa 1.22.2", "", "")


def test_the_environment_s_proxies_are_not_used(server: OpaServer, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HTTP_PROXY", "http://127.0.0.1:1")
    monkeypatch.setenv("http_proxy", "http://127.0.0.1:1")
    monkeypatch.setenv("NO_PROXY", "")
    assert ask(server)


def test_one_that_never_answers(command: OpaCommand) -> None:
    listening = socket.create_server(("127.0.0.1", 0))
    address = f"http://127.0.0.1:{listening.getsockname()[1]}"
    begun = time.monotonic()
    with listening, pytest.raises(EngineTimeoutError):
        OpaServer(address, command=command).evaluate(RULES, [ASKED], deadline=1.0)
    assert time.monotonic() - begun < 2


def test_one_that_is_not_there(command: OpaCommand) -> None:
    with pytest.raises(EngineError, match="the server cannot be asked"):
        ask(OpaServer("http://127.0.0.1:1", command=command))


@pytest.mark.parametrize(
    ("address", "message"),
    [
        ("http://opa.example.com", "plain HTTP to another machine"),
        ("ftp://localhost", "not the address of a server"),
        ("http://localhost:x", "not the address of a server"),
        ("localhost:8181", "not the address of a server"),
        ("https://opa.example.com/v1", "not the address of a server"),
        ("https://ada:secret@opa.example.com", "an address without user and fragment is needed"),
    ],
)
def test_addresses_that_will_not_do(command: OpaCommand, address: str, message: str) -> None:
    with pytest.raises(UsageError, match=message):
        OpaServer(address, command=command)


@pytest.mark.parametrize(
    "lines",
    [
        "deny contains data.gatekeeper.coverage.lines.x\n\nx := 1",
        "deny contains `raw`",
        'deny contains data["gatekeeper"]',
    ],
)
def test_a_rule_that_cannot_be_placed_is_refused(server: OpaServer, lines: str) -> None:
    with pytest.raises(PolicyError, match="cannot be placed beside other rule sets on a server"):
        ask(server, rule_set(body(lines)))


def test_denials_are_plain_values(server: OpaServer) -> None:
    (answer,) = ask(server, rule_set(body("deny := true"), severe()))
    assert answer["coverage.lines"] == RuleAnswer(deny=True)
