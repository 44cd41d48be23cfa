"""What tests of rules cost under pytest."""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING, Final

from benchmarks.installed import ROOT
from benchmarks.table import Row, Section, shown
from benchmarks.timing import Command, interleaved

if TYPE_CHECKING:
    from benchmarks.measures import Bench

RULES: Final = 20
TESTS: Final = 50
GOAL: Final = 1.3

_RULE: Final = (ROOT / "policies/coverage/lines/lines.rego").read_text(encoding="utf-8")
_TEST: Final = """
test_{number} if {{
	report := {{"source": {{"slot": "unit"}}, "lines_covered": {covered}, "lines_valid": 100}}
	denied := data.gatekeeper.coverage.{name}.deny with input as {{
		"coverage": [report],
		"parameters": {{"minimum_percent": 80}},
	}}
	count(denied) == {violations}
}}
"""


def tests_of_rules(bench: Bench) -> Section:
    """A thousand Rego tests, by pytest with the plugin and by ``opa test``."""
    folder = bench.folder / "thousand" / "coverage"
    bench.world.write(
        "thousand/coverage/pack.toml", b'name = "coverage"\nversion = "1.0.0"\ndescription = "Measured."\n'
    )
    for number in range(RULES):
        name = f"lines{number}"
        rule = _RULE.replace("gatekeeper.coverage.lines", f"gatekeeper.coverage.{name}")
        bench.world.write(f"thousand/coverage/{name}/{name}.rego", rule.encode())
        tests = "".join(
            _TEST.format(number=at, name=name, covered=at * 2, violations=int(at * 2 < 80)) for at in range(TESTS)
        )
        head = f"package gatekeeper.coverage.{name}_test\n\nimport rego.v2\n"
        bench.world.write(f"thousand/coverage/{name}/{name}_test.rego", (head + tests).encode())
    opa = bench.command(str(bench.binary.path), "test", str(folder))
    plugins = ("-p", "gatekeeper.pytest_plugin", "-p", "no:cacheprovider", "-p", "no:randomly", "-q")
    environment = {
        **bench.environment,
        "PYTHONPATH": str(ROOT / "src"),
        "PYTEST_DISABLE_PLUGIN_AUTOLOAD": "1",
        "GATEKEEPER_OPA": str(bench.binary.path),
    }
    arguments = (sys.executable, "-m", "pytest", "-c", "none.ini", *plugins, "thousand")
    bench.world.write("none.ini", b"[pytest]\n")
    gate = f'engine = "opa {bench.binary.version}"\nengine_digests = ["{bench.binary.digest}"]\n'
    bench.world.write("gate.toml", gate.encode())
    ours = Command(arguments=arguments, cwd=bench.folder, environment=environment)
    times = interleaved({"ours": ours.run, "opa": opa.run}, max(1, bench.repetitions // 3))
    mine, theirs = times["ours"], times["opa"]
    return Section(
        title="Tests of rules",
        text=(
            f"{RULES * TESTS} Rego tests of {RULES} rules as items of pytest, as whole processes, against `opa test` "
            "on the same files."
        ),
        rows=[
            Row(
                what=f"pytest, {RULES * TESTS} tests",
                ours=shown(mine),
                baseline="`opa test`",
                theirs=shown(theirs),
                ratio=mine.median / theirs.median,
                goal=GOAL,
            )
        ],
        missed=_MISSED,
    )


_MISSED: Final = (
    "Why: pytest takes some 0.3 ms for each item, whatever it does, and a while to start. OPA runs once for all tests "
    "of a pack; what is over is pytest's."
)
