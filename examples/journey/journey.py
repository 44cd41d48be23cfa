"""One service on its way to everybody: five stages, and all that goes wrong on the way. README.md tells the story.

The command, the signatures and OPA are real; only the keys are thrown away. It ends with 0 only if every decision came
out as the story tells it, for the reasons it tells.
"""

from __future__ import annotations

import json
import sys

from doing import (
    ALLOW,
    DENY,
    FOLDER,
    STEPS,
    admit,
    approve,
    bring,
    countersign,
    decide,
    folder,
    gatekeeper,
    hand_in,
    local,
    make_folder,
    make_keys,
    tell,
    waive,
)
from release import Release

FROZEN = ("freeze.week_of_parcels",)
REGRESSED = (
    "canary.adoption",
    "canary.analysis",
    "canary.errors",
    "canary.latency",
    "canary.saturation",
    "canary.step",
)

RUNS = Release(version="1.3.0")
FIRST = Release(version="1.4.0", before="1.3.0")
SECOND = Release(version="1.4.1", before="1.3.0")
THIRD = Release(version="1.4.2", before="1.3.0")
HOTFIX = Release(version="1.4.3", before="1.4.2")


def main() -> int:
    """All of it, in order."""
    make_folder()
    make_keys()
    gatekeeper("gate", "lock")
    gatekeeper("gate", "check")
    first_release()
    build()
    integration()
    resilience()
    canary()
    once_more()
    post_release()
    emergency()
    prove_it()
    (FOLDER / "journey.json").write_text(json.dumps(STEPS, indent=1) + "\n", encoding="utf-8")
    return 0


# the stages


def first_release() -> None:
    """1.3.0, which runs today, has nothing to be compared with."""
    tell("0. parcel 1.3.0 is the first release that the gate sees. Dee, who manages releases, signs that it is.")
    hand_in(RUNS, "build")
    compared = ("regression.coverage", "regression.failed", "regression.skipped", "regression.vanished")
    decide(RUNS, "build", by=("slot.previous", *compared))
    for stage, slot in (("build", "previous"), ("integration", "before")):
        hand_in(RUNS, stage)
        approve(RUNS, stage, "dee", "--without-baseline", slot)
        decide(RUNS, stage)


def build() -> None:
    """1.4.0 fails its tests, covers less than 1.3.0 and brings a dependency that was yanked; 1.4.1 does not."""
    tell("1. build. parcel 1.4.0: six tests fail, coverage is lower than in 1.3.0, a dependency was yanked.")
    bring(FIRST, RUNS)
    hand_in(FIRST, "build")
    hand_in(
        FIRST,
        "build",
        unit="junit/pytest-bad.xml",
        coverage="coverage/coveragepy-bad.json",
        dependencies="dependencies/pip-report-bad.json",
    )
    decide(
        FIRST,
        "build",
        by=("coverage.branches", "dependencies.yanked", "regression.coverage", "regression.failed", "tests.passed"),
    )
    tell("   It is mended. Another commit makes another image: 1.4.1.")
    bring(SECOND, RUNS)
    hand_in(SECOND, "build")
    decide(SECOND, "build")


def integration() -> None:
    """A vulnerability, VEX by somebody who may not and by somebody who may, a waiver; a reviewer's request."""
    tell(
        "2. integration. A vulnerability, a benchmark slower than that of 1.3.0, and a reviewer who asks for something."
    )
    hand_in(SECOND, "integration", but=("vex",))
    hand_in(SECOND, "integration", scan="written/grype-kev.json", owners="written/gitlab-discussions-bad.json")
    hand_in(SECOND, "integration", bench="benchmark/pytest-bad.json")
    hand_in(SECOND, "integration", signer="ci", vex="written/openvex.json")
    found = ("vulnerabilities.fixable", "review.stakeholders")
    decide(SECOND, "integration", by=("slot.vex", "exploitability.vex", "regression.benchmark", *found))
    tell("   The team's own CI signed the VEX: its word counts for nothing there. Now product security signs one,")
    tell("   and the benchmark runs on a machine where nothing else does.")
    hand_in(SECOND, "integration", vex="written/openvex.json", bench="benchmark/pytest.json")
    denied = decide(SECOND, "integration", by=found)
    tell("   That settles what is exploitable, not that an update is late. Ada asks for a waiver; alone it is air.")
    term = "vulnerabilities.fixable:GHSA-0000-0000-0001 parcel-labels"
    waiver = waive(SECOND, "integration", denied, term, "ada", "labels are printed, never parsed")
    decide(SECOND, "integration", by=found)
    tell("   Grace, of security, approves it, and the reviewer sees what was asked for done.")
    countersign(waiver, "grace")
    hand_in(SECOND, "integration", owners="written/gitlab-discussions.json")
    decide(SECOND, "integration")


def resilience() -> None:
    """The way back was rehearsed for another version, and what runs is not what was approved."""
    tell("3. resilience. The rollback was rehearsed for another version; the configuration that runs has drifted.")
    hand_in(SECOND, "resilience")
    hand_in(
        SECOND, "resilience", rollback="written/rollback-bad.toml", configuration="written/kubernetes-live-bad.json"
    )
    denied = decide(
        SECOND,
        "resilience",
        by=("configuration.baseline", "rollback.checked", "rollback.duration", "rollback.rehearsed"),
    )
    tell("   Rehearsed again, from 1.4.1 to 1.3.0. Two settings are taken back, the third is let pass by its path.")
    hand_in(SECOND, "resilience", rollback="written/rollback.toml", configuration="kubernetes-debug.json")
    path = "configuration.baseline:ConfigMap.shop.parcel/data/debug"
    countersign(waive(SECOND, "resilience", denied, path, "dee", "logs in detail, for the week of the canary"), "grace")
    decide(SECOND, "resilience")


def canary() -> None:
    """Too few samples hold it, a regression that is proven rolls it back."""
    tell("4. canary, in a week of freeze. Dee approves, and so does Ada, who wrote the change: she does not count.")
    hand_in(SECOND, "canary")
    hand_in(SECOND, "canary", canary="canary/requests.csv")
    for name in ("ada", "dee"):
        approve(SECOND, "canary", name)
    tell("   A step of a few hundred requests shows nothing yet.")
    decide(SECOND, "canary", by=("approval.release-manager", *FROZEN, "canary.samples", "canary.step"))
    tell("   Eli approves too, and Grace excepts it from the freeze.")
    approve(SECOND, "canary", "eli")
    approve(SECOND, "canary", "grace")
    tell("   More requests, and they show it: more errors than 1.3.0 has, and slower.")
    hand_in(SECOND, "canary", canary="written/canary-prometheus-bad.json", analysis="written/argo-analysisrun-bad.yaml")
    decide(SECOND, "canary", by=REGRESSED)


def once_more() -> None:
    """1.4.2 goes the same way without a word, and its canary is no worse than what runs."""
    tell("5. 1.4.2 mends it, and updates parcel-labels. The same stages from the beginning: nothing is carried over.")
    bring(THIRD, RUNS)
    for stage in ("build", "integration", "resilience", "canary"):
        hand_in(THIRD, stage)
        if stage == "canary":
            for name in ("dee", "eli", "grace"):
                approve(THIRD, stage, name)
        decide(THIRD, stage)


def post_release() -> None:
    """It is out. An open incident and an objective that is missed deny it, until both are settled."""
    tell("6. post-release. Asked again every day. On the first one an incident is open and an objective is missed.")
    hand_in(THIRD, "post-release")
    hand_in(
        THIRD,
        "post-release",
        slo="written/openslo-prometheus-bad.json",
        incidents="written/pagerduty-bad.json",
        closing="written/closing-bad.toml",
    )
    decide(THIRD, "post-release", by=("closing.complete", "operations.incidents", "slo.budget", "slo.met"))
    tell("   Two weeks on everything holds, what is left has an owner, and the release is closed.")
    hand_in(
        THIRD,
        "post-release",
        slo="written/openslo-prometheus.json",
        incidents="written/pagerduty.json",
        closing="written/closing.toml",
    )
    decide(THIRD, "post-release")


def emergency() -> None:
    """At two in the morning a hotfix goes out past everything: signed, marked, short, and looked at afterwards."""
    tell("7. Break-glass. At night 1.4.3 has to go out, and nobody who could approve it is awake. Ivy declares it.")
    reason = "no label can be printed"
    hand_in(HOTFIX, "canary", change="change/git.txt", provenance="written/slsa-v1.json")
    declared = local(folder("evidence", HOTFIX, "canary")) + "/emergency.json"
    signed = ("--emergency", reason, "--key", "keys/ivy.key", "-o", declared)
    gatekeeper("approve", HOTFIX.subject, "--stage", "canary", *signed)
    record = decide(HOTFIX, "canary", "--emergency", "INC-4711")
    admit(HOTFIX, record, "canary", expect=DENY)
    admit(HOTFIX, record, "canary", "--emergency", expect=ALLOW)
    tell("   It stays on the list until somebody else has looked at it.")
    listed = ("records", "--emergency")
    gatekeeper(*listed)
    reviewed = (
        "--comment",
        "rolled out again through all stages",
        "--key",
        "keys/grace.key",
        "-o",
        "reviews/1.4.3.json",
    )
    gatekeeper("approve", "--review", record, *reviewed)
    gatekeeper(*listed, "--reviews", "reviews")


def prove_it() -> None:
    """What anybody can check afterwards, without network."""
    tell("8. What is left of it: every decision, in a ledger that can be proved and records that can be recomputed.")
    gatekeeper("records")
    gatekeeper("ledger", "verify")
    records = [local(path) for path in sorted((FOLDER / "records").iterdir())]
    replayed = gatekeeper("replay", *records, "--require", "signatures", is_shown=False).out
    print("\n   $ gatekeeper replay records/* --require signatures", flush=True)
    print(f"   {replayed.count('IDENTICAL')} of {len(records)} are IDENTICAL", flush=True)
    (released,) = [step["record"] for step in STEPS if step["stage"] == "post-release" and step["outcome"] == "allow"]
    admit(THIRD, released, "post-release", expect=ALLOW)


if __name__ == "__main__":
    sys.exit(main())
