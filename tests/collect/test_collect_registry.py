"""Which collector reads a report, and that a collector with a mistake is an error and never a pass."""

from __future__ import annotations

import importlib.metadata
import os
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

import gatekeeper
from gatekeeper.collect import registry, statement
from gatekeeper.collect.reading import Reading, Report
from gatekeeper.errors import ConfigError, GatekeeperError, LimitError, MalformedError, UsageError
from gatekeeper.facts import kinds

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

JUNIT = b"<testsuite><testcase name='a'/></testsuite>"
FACTS = {
    "total": 0,
    "passed": 0,
    "failed": 0,
    "errored": 0,
    "skipped": 0,
    "flaky": 0,
    "executed": 0,
    "cases": [],
    "names": [],
    "complete": True,
}


@dataclass
class Plugin:
    """A collector of another package, made wrong in one way at a time."""

    format: Any = "theirs"
    kind: Any = "test_results"
    reads: Any = None
    returns: Any = None

    def matches(self, report: Report) -> bool:
        return self.reads(report) if callable(self.reads) else report.data.startswith(b"theirs")

    def read(self, report: Report) -> Reading:
        if callable(self.returns):
            return self.returns(report)  # type: ignore[no-any-return]
        return Reading(kind=self.kind, format=self.format, facts=FACTS if self.returns is None else self.returns)


@pytest.fixture
def install(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Callable[[Any], None]]:
    """Install a distribution whose entry point names the object, found by the real machinery."""
    module = f"their_collectors_{tmp_path.name.replace('-', '_')}"

    def put(collector: Any) -> None:
        info = tmp_path / "theirs-1.0.dist-info"
        info.mkdir()
        (info / "METADATA").write_text("Metadata-Version: 2.1\nName: theirs\nVersion: 1.0\n", encoding="utf-8")
        entry = f"[{registry.PLUGINS}]\ntheirs = {module}:COLLECTOR\n"
        (info / "entry_points.txt").write_text(entry, encoding="utf-8")
        (tmp_path / f"{module}.py").write_text("COLLECTOR = None\n", encoding="utf-8")
        monkeypatch.syspath_prepend(str(tmp_path))
        importlib.invalidate_caches()
        vars(importlib.import_module(module))["COLLECTOR"] = collector

    yield put
    sys.modules.pop(module, None)


def test_every_built_in_collector_has_a_name_of_its_own_and_a_kind_there_is() -> None:
    found = registry.collectors()

    assert len({collector.format for collector in found}) == len(found)
    assert len(found) == len(registry.BUILTIN) + len(statement.collectors())
    assert {collector.kind for collector in found} <= set(kinds())


@pytest.mark.parametrize(
    "data",
    [
        b"<",
        b"<!--",
        b"<a/>",
        b"{}",
        b"[]",
        b'{"runs": 1}',
        b'{"meta": 1, "files": 1, "totals": 1}',
        b"\0\0",
        b"SF",
        b"\xff",
    ],
)
def test_asking_whether_a_report_matches_never_fails(data: bytes) -> None:
    report = Report(data, "r")

    assert all(isinstance(collector.matches(report), bool) for collector in registry.collectors(report))


def test_a_file_name_says_nothing() -> None:
    assert registry.detect(Report(JUNIT, "coverage.sarif.json")).format == "junit"


def test_a_kind_narrows_the_search() -> None:
    assert registry.detect(Report(JUNIT, "r"), kind="test_results").format == "junit"
    with pytest.raises(UsageError) as refused:
        registry.detect(Report(JUNIT, "r"), kind="coverage")
    assert str(refused.value) == ("r: not recognised as coverage (read are cobertura, coveragepy, jacoco, lcov)")
    with pytest.raises(UsageError, match="no kind of evidence is called 'junit'"):
        registry.detect(Report(JUNIT, "r"), kind="junit")


@pytest.mark.parametrize(
    ("data", "error", "code"),
    [
        (b"", MalformedError, "collect.empty"),
        (b" \n\t", MalformedError, "collect.empty"),
        (b"\xef\xbb\xbf", MalformedError, "collect.empty"),
        (b"{", MalformedError, "json.syntax"),
        (b'{"a": 1, "a": 2}', MalformedError, "json.duplicate_key"),
        (b"[" * 100_000, LimitError, "json.depth"),
        (b"\xef\xbb\xbf{}", MalformedError, "json.encoding"),
        (b"plain text", UsageError, "collect.unrecognised"),
        (b"<html/>", UsageError, "collect.unrecognised"),
        (b"\x1f\x8b\x08\x00gzip", UsageError, "collect.unrecognised"),
        (JUNIT.decode().encode("utf-16"), UsageError, "collect.unrecognised"),
        (b"\0" * 50, UsageError, "collect.unrecognised"),
    ],
)
def test_what_is_no_report_is_refused(data: bytes, error: type[GatekeeperError], code: str) -> None:
    with pytest.raises(error) as refused:
        registry.read(Report(data, "r"))

    assert refused.value.code == code
    assert refused.value.where.startswith("r")


def test_text_in_another_encoding_is_said_to_be_that() -> None:
    with pytest.raises(UsageError, match="it is not UTF-8"):
        registry.detect(Report("<testsuite/>".encode("utf-16-le"), "r"))


def test_a_plug_in_reads_its_own_and_only_when_it_is_asked(install: Callable[[Any], None]) -> None:
    install(Plugin())
    report = Report(b"theirs", "r")

    assert registry.read(report, plugins=True).format == "theirs"
    with pytest.raises(UsageError) as refused:
        registry.read(report)
    assert refused.value.code == "collect.unrecognised"


def test_two_collectors_of_two_kinds_ask_for_a_kind(install: Callable[[Any], None]) -> None:
    install(Plugin(kind="coverage", reads=lambda _: True))

    with pytest.raises(UsageError) as refused:
        registry.detect(Report(JUNIT, "r"), plugins=True)
    assert str(refused.value) == (
        "r: read as junit (test_results) and as theirs (coverage) (say which: --kind coverage or test_results)"
    )
    assert registry.detect(Report(JUNIT, "r"), kind="test_results", plugins=True).format == "junit"


def test_two_collectors_of_one_kind_cannot_be_told_apart(install: Callable[[Any], None]) -> None:
    install(Plugin(reads=lambda _: True))

    with pytest.raises(UsageError, match="remove all but one of these collectors"):
        registry.detect(Report(JUNIT, "r"), kind="test_results", plugins=True)


@pytest.mark.parametrize(
    "wrong",
    [
        None,
        object(),
        Plugin(format="junit"),
        Plugin(format=7),
        Plugin(format="a\nb"),
        Plugin(kind="quality"),
        Plugin(kind=None),
    ],
)
def test_a_plug_in_that_is_no_collector_is_an_error(install: Callable[[Any], None], wrong: Any) -> None:
    install(wrong)

    with pytest.raises(ConfigError) as refused:
        registry.detect(Report(JUNIT, "r"), plugins=True)
    assert refused.value.code == "collect.plugin"
    assert registry.detect(Report(JUNIT, "r")).format == "junit"


def fail(error: BaseException) -> Callable[[Report], Any]:
    def raising(_: Report) -> Any:
        raise error

    return raising


@pytest.mark.parametrize(
    "wrong",
    [
        Plugin(reads=fail(ZeroDivisionError("0"))),
        Plugin(returns=fail(KeyError("x"))),
        Plugin(returns=fail(UsageError("their own"))),
        Plugin(returns=fail(RecursionError())),
        Plugin(returns=fail(SystemExit(0))),
        Plugin(reads=fail(SystemExit(0))),
        Plugin(returns=lambda _: None),
        Plugin(returns=lambda _: Reading(kind="coverage", format="theirs", facts=FACTS)),
        Plugin(returns=lambda _: Reading(kind="test_results", format="other", facts=FACTS)),
        Plugin(returns={}),
        Plugin(returns=[]),
        Plugin(returns=7),
        Plugin(returns={**FACTS, "total": "0"}),
        Plugin(returns={**FACTS, "total": 5}),
        Plugin(returns={**FACTS, "passed": 5, "total": 5, "executed": 5}),
        Plugin(returns={**FACTS, "failed": 0.5}),
        Plugin(returns={**FACTS, "seen": {1, 2}}),
        Plugin(returns={name: value for name, value in FACTS.items() if name != "complete"}),
    ],
)
def test_a_collector_that_breaks_is_an_error_and_no_facts(install: Callable[[Any], None], wrong: Plugin) -> None:
    install(wrong)

    with pytest.raises(MalformedError) as refused:
        registry.read(Report(b"theirs", "r"), plugins=True)
    assert refused.value.code == "collect.broken"
    assert refused.value.__cause__ is not None or "no reading" in refused.value.message


def test_a_collector_may_say_that_a_report_is_malformed(install: Callable[[Any], None]) -> None:
    install(Plugin(returns=fail(MalformedError("no end", where="line 3", code="theirs.end"))))

    with pytest.raises(MalformedError) as refused:
        registry.read(Report(b"theirs", "r"), plugins=True)
    assert (refused.value.code, refused.value.where) == ("theirs.end", "r: line 3")


def test_the_text_of_a_plug_in_is_cleaned_like_any_other(install: Callable[[Any], None]) -> None:
    case = {
        "name": "a\x1b[31m",
        "suite": "",
        "outcome": "failed",
        "message": "password=hunter22",
        "locator": "password=x",
    }
    facts = {**FACTS, "total": 1, "failed": 1, "executed": 1, "names": ["::a"], "cases": [case]}
    install(Plugin(returns=facts))
    read = registry.read(Report(b"theirs", "r"), plugins=True).facts["cases"][0]

    assert read == {
        "name": "a\\u001b[31m",
        "suite": "",
        "outcome": "failed",
        "message": "password=[redacted]",
        "locator": "password=x",
    }


def test_only_collectors_of_the_syntax_are_imported() -> None:
    script = (
        "import sys; from gatekeeper.collect import registry; from gatekeeper.collect.reading import Report\n"
        "registry.read(Report(b\"<testsuite><testcase name='a'/></testsuite>\", 'r'))\n"
        "print(*(name for name in ('sarif', 'lcov', 'coveragepy') if f'gatekeeper.collect.{name}' in sys.modules))"
    )
    env = {**os.environ, "PYTHONPATH": str(Path(gatekeeper.__file__).parents[1])}
    done = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, check=True, env=env)

    assert done.stdout.strip() == ""
