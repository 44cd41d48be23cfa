"""What must never pass, line by line, and where each line is attacked.

Each entry names scenarios by what they do, or tests elsewhere as ``file::test``.
"""

from __future__ import annotations

from typing import Final

Where = tuple[str, ...]

NEVER_PASSES: Final[dict[str, Where]] = {
    "no evidence of a needed kind": (
        "no test results at all", "no coverage at all", "no evidence at all", "a rule needs a kind that no slot expects",
    ),
    "evidence for another subject": (
        "about another subject of the same name", "the digest in upper case", "the first half of the digest",
        "the digest by sha1 only", "nothing is about this subject", "a bundle about another subject",
        "the scan of another image",
    ),
    "unsigned where a signature is asked": (
        "not signed where a signature is asked", "raw reports where signed ones are asked",
        "unsigned where only another stage accepts that", "no signatures in the envelope",
    ),
    "a signature that cannot be checked": (
        "a Sigstore bundle where no trusted root is named", "a Sigstore identity without a trusted root",
        "one bit of the trusted root", "a signature that is not base64", "junk in the signature",
        "signed by nobody we know",
    ),
    "zero tests, all skipped, a truncated or unreadable report": (
        "zero tests ran", "every test was skipped", "a report that was cut off", "a JUnit file without a case",
        "a JUnit file cut in the middle", "an empty file named outright", "bytes that are not UTF-8",
    ),
    "a scan that did not finish or is older than allowed": (
        "coverage of half of the run", "older than allowed", "as old as allowed, to the second", "no time at all",
        "attested tomorrow",
    ),
    "one report of several missing": (
        "one shard of two lost", "the first shard twice, the second not at all", "shard 1 given again as shard 2",
        "one document where two are asked", "one report attested twice where two are asked", "a shard of another count",
    ),
    "two reports that contradict each other": (
        "a red run beside its green repeat", "a red shard beside a green one", "a red raw report beside a green one",
        "one digest of the subject equal and one not", "complete, and yet its header says otherwise",
        "a newer deny beside an allow",
    ),
    "a rule that errs, is undefined, has another shape, or matches nothing": (
        "a builtin error in one rule", "a conflict in one rule", "one rule without an answer among those that have one",
        "a boolean rule", "a member that is text", "a rule whose answer is true", "a pattern that matches nothing",
        "no rule at all",
    ),
    "a null, missing or mistyped fact or parameter": (
        "a count as null", "a count as text", "a count as true", "a fact that is missing",
        "a fact that is needed and not there", "a fact that one element of many lacks", "a parameter as text",
        "a parameter of true", "a parameter that is nan", "a parameter that is needed and not set",
    ),
    "a helper of one pack changed by another": (
        "a helper of our pack, brought by another", "a rule in a package that is another's",
        "a Rego file beside the rule, which adds to it", "two packs of one name",
    ),
    "an expired, over-broad or self-approved waiver": (
        "a waiver that expired a second ago", "a waiver without terms", "a waiver for everything",
        "a waiver by the one who asks for it", "a waiver by one human with two keys",
        "a waiver for longer than the gate lets it", "a waiver of a requirement",
    ),
    "a quorum by one human with two keys": (
        "a quorum by one human with two keys", "a quorum by one human who signs twice in one envelope",
        "one key of two people", "one login of two people", "one human in both halves of a branch",
    ),
    "an emergency that only the command line asks for, that ended or is prolonged, or through what is spared or wrong": (
        "an emergency on the command line alone", "an emergency that has ended",
        "an emergency that somebody prolongs with another signature", "an emergency through what the gate spares",
        "an emergency through evidence by the wrong signer", "an emergency at a deploy side that was not told",
    ),
    "a rollback that no canary and nobody of the role asks for, or to what was never released": (
        "a rollback that nothing asks for", "a rollback that the canary took back",
        "a rollback by somebody without the role", "a rollback to what was never released",
        "a rollback to what the canary denied",
    ),
    "a stage out of order, or allowed by another gate or an unsigned record": (
        "no record of the stage before", "a deny of the stage before", "a record of another gate",
        "an unsigned record", "a cached pass after a policy change", "a record by somebody who may attest and not decide",
    ),
    "evidence of a commit, artifact or image that nothing verified links to the subject, or of one of several linked ones": (
        "tests of a commit, and nothing that leads there", "green tests of another commit", "two commits, and the tests of one",
        "unsigned provenance, where the stage accepts unsigned", "several materials, of which the greenest",
    ),
    "a comparison without the release before, with itself, or with a record that is altered, unsigned, of another product or old": (
        "no record of the release before", "an ordinary approval in place of the release before",
        "a release compared with itself", "tests taken out of the record before", "a release before by another product",
        "a release before that is older than allowed", "an unsigned record of the release before",
    ),
    "an allow of a stage that has not judged what is here, or that was denied further back; a trail that is broken": (
        "a red repeat that came after its stage had allowed", "a stage further back that has denied since",
        "a trail without its first record", "a trail with another allow of the first stage",
    ),
    "an unknown field, stage, rule, parameter, severity or unit": (
        "an unknown fact beside the others", "an unknown field of a violation", "a misspelt key",
        "a stage misspelt on the command line", "a misspelt rule name in the gate", "a parameter that is misspelt",
        "an unknown severity", "a severity that nobody knows", "a unit of time that nobody knows",
    ),
    "an engine that is missing, different, slow or dead": (
        "no OPA where it should be", "an OPA of another version", "another binary than those that are known",
        "an engine that is too slow", "an engine that is killed after its answer", "a program that cannot be run",
    ),
    "a record that could not be written": (
        "a full disk", "a file where the folder of records should be", "a ledger that somebody holds",
        "a ledger that is a folder", "a ledger that is no database",
        "tests/ledger/test_ledger_crash.py::test_without_the_right_to_write_nothing_is_entered",
    ),
    "an allow used after valid_until, for another subject, stage or gate": (
        "an allow that has ended", "another artifact", "another stage", "another gate",
        "a gate of that name that asks something else", "the allow of the stage before has ended",
    ),
    "a decision at an instant that was not now": (
        "another instant: a preview is no allow", "a preview to be sealed", "a preview, from Python",
        "a decision of 61 seconds ago", "a decision of tomorrow", "a clock that was set back", "an allow of tomorrow",
    ),
}  # fmt: skip
"""The list of the threat model."""

OTHER_TOOLS: Final[dict[str, Where]] = {
    "a misspelt rule name": ("a misspelt deny", "a misspelt rule name in the gate"),
    "a boolean rule": ("a boolean rule", "a rule whose answer is true"),
    "a string member": ("a string member", "a member that is text"),
    "a wrong namespace": ("a rule in a package that nobody asks", "an answer as another tool calls it"),
    "array-wrapped input": ("facts that are a list: what another engine wraps in an array",),
    "concatenated queries, where one undefined empties all": (
        "one rule without an answer among those that have one",
        "tests/packs/test_packs_rego_traps.py::test_opa_checks_it_strictly_and_says_nothing",
    ),
    "a skipped policy": ("coverage of half of the run", "a rule that was left off the list", "a fact that is needed and not there"),
    "a cached pass after a policy change": (
        "a cached pass after a policy change", "a rule that was tightened: no earlier pass is kept",
        "a pass that was kept while the policy changed", "a record of the gate before it was loosened",
    ),
    "exit 1 for a deny and a crash alike": (
        "a mistake of ours", "no memory", "an engine that is killed after its answer",
        "tests/doors/test_doors_command.py::test_a_signal_in_the_middle_is_3_and_leaves_no_opa",
        "tests/doors/test_doors_command.py::test_a_verdict_that_nobody_received_is_no_allow",
    ),
    "variables of the environment that a policy or engine reads": (
        "a red report, and variables that change what OPA does", "a rule that calls opa.runtime",
    ),
}  # fmt: skip
"""Silent passes that were seen in other tools."""

HOLES: Final[dict[str, Where]] = {
    "H1 a partial set is always defined": (
        "no test results at all", "zero tests ran", "a fact that is needed and not there", "a report that was cut off",
    ),
    "H2 not over an absent fact is undefined": ("not where absence is undefined",),
    "H3 null and wrong types compare": ("a count as null", "a count as text", "a parameter as text", "texts in an order"),
    "H4 a body added to another pack's helper": (
        "a helper of our pack, brought by another",
        "tests/packs/test_packs_rego_traps.py::test_34_a_library_is_not_extended_from_another_pack",
    ),
    "H5 a builtin that reaches the network": (
        "a rule that calls http.send", "tests/engine/test_engine_capabilities.py::test_nothing_is_reached",
        "tests/engine/test_engine_capabilities.py::test_a_builtin_that_was_not_reviewed_is_refused",
    ),
    "H6 time zones of the machine": (
        "a rule that calls time.now_ns", "a freeze whose zone is not said",
        "tests/engine/test_engine_liars.py::test_the_surroundings_change_nothing",
    ),
    "H7 the type checker is blind": (
        "a computed key", "a report handed to a function", "input handed on whole", "a rule that calls object.get",
        "a function that takes its argument apart",
    ),
    "H8 data documents": (
        "a data document",
        "tests/packs/test_packs_rego_traps.py::test_33_a_data_document_changes_what_opa_says_and_is_never_loaded",
    ),
    "H9 a shard that is missing": (
        "one shard of two lost", "a shard of another count", "tests/doors/test_doors_ci.py::test_a_shard_lost",
    ),
    "H10 evidence that was spoilt counts as removed": (
        "junk in the signature", "a truncated envelope", "a broken line among attestations",
    ),
    "H11 retries": ("a red run beside its green repeat", "repeats, and which is the latest is only claimed"),
    "H12 any record named like the stage before": (
        "a record of another gate", "an unsigned record", "a record by nobody we know", "a cached pass after a policy change",
    ),
    "H13 an allow for ever": ("no valid_for: an allow for ever", "an allow that has ended", "an allow that lasts longer than its gate lets it"),
    "H14 whoever asks says when": (
        "a preview to be sealed", "a decision of 61 seconds ago", "a clock that was set back",
    ),
    "H15 the same bytes": (
        "a count past 2^53", "tests/flow/test_flow_decide.py::test_names_order_and_repetition_of_files_change_no_byte",
    ),
    "H16 a replay by another library": (
        "a parameter in a record that was edited", "tests/record/test_record_old.py::test_an_old_record_is_read_to_the_same_decision",
    ),
    "H17 a key that ended, a trusted root that changed": (
        "by a key that has ended", "one bit of the trusted root", "an allow by a key that has ended at the deploy side",
        "a key that has ended since the approval",
    ),
    "H18 signatures without a proven time": (
        "a claimed time where a proven one is asked", "a role that has ended since the approval",
        "a record by a key that began after it",
    ),
    "H19 a report that names no subject": (
        "the scan of another image", "green tests of another commit", "tests of a commit, and nothing that leads there",
        "tests/collect/test_collect_attest.py::test_a_report_about_something_else_is_refused",
    ),
    "H20 any repository's CI for any subject": (
        "by the right workflow for another repository", "unsigned where only another stage accepts that",
        "by a run that a pull request started",
    ),
    "H21 the judged repository loosens its own gate": (
        "a gate of that name that asks something else", "another base than the one insisted on", "a parameter loosened by the project", "a rule that was loosened",
        "a gate that was loosened on the disk only",
    ),
    "H22 a typo voids approvals, an edit does not": (
        "an approval of this gate before it was edited",
        "tests/packs/test_packs_load.py::test_prose_and_tests_change_no_digest_and_rules_do",
    ),
    "H23 METADTA and 30 February": ("METADTA", "30 February", "a misspelt key of METADATA"),
    "H24 the exit code is lost": (
        "a full disk", "an unsigned allow",
        "tests/doors/test_doors_ci.py::test_a_pipe_without_pipefail_loses_the_code_which_is_why_no_script_of_ours_has_one",
    ),
    "H25 one builtin error voids all answers": (
        "a builtin error in one rule",
        "tests/engine/test_engine_command.py::test_one_builtin_error_among_ten_rules_leaves_the_other_nine",
    ),
    "H26 a chain does not see its own end": (
        "a ledger of another history than a head that was kept",
        "tests/ledger/test_ledger_attacks.py::test_what_cannot_be_seen_is_said",
    ),
    "H27 secrets in records": ("tests/collect/test_collect_text.py::test_a_secret_anywhere_in_facts_goes_but_for_locators",),
    "H28 facts absent in one element, or in the head of a violation": (
        "a fact that one element of many lacks", "an undeclared read", "a violation without its source",
    ),
}  # fmt: skip
"""Holes that a review of the design found before any of it was built; each is closed, or said to be open."""

REVIEW: Final[dict[str, Where]] = {
    "R1 a gate by its name": ("a gate by its name alone", "a gate of that name that asks something else"),
    "R2 an instant that nobody can compute": ("a rule that calls time.now_ns", "no valid_for: an allow for ever"),
    "R3 an age that is only claimed": ("a claimed time where a proven one is asked", "no time at all", "attested tomorrow"),
    "R4 a scan that looked at nothing": (
        "nothing to cover", "the scan of another image",
        "tests/packs/test_packs_real_reports.py::test_what_a_rule_says_of_a_real_report",
    ),
    "R5 a stage that takes what it is given": (
        "a rule needs a kind that no slot expects", "a slot misspelt by the producer",
    ),
    "R6 who the author is": (
        "an author whom nobody knows", "no evidence of who made the change", "an approval by an author who is known by key",
    ),
    "R7 what may be waived": (
        "a waiver of a requirement", "a waiver of a rule that is unanswered", "a waiver of a rule that cannot be waived",
        "a waiver for another term", "a waiver without terms",
    ),
    "R8 an outcome that is stored": (
        "a preview, from Python", "another instant: a preview is no allow",
        "tests/record/test_record_seal.py::test_a_decision_whose_bytes_were_set_from_outside_is_sealed_as_what_it_says",
        "tests/flow/test_flow_decide.py::test_a_preview_is_no_decision",
    ),
    "R9 a slow engine that becomes a deny": ("an engine that is too slow", "an engine that is killed after its answer"),
    "R10 a server that is a stranger": (
        "tests/engine/test_engine_server.py::test_whatever_else_is_in_the_namespace_is_found",
        "tests/engine/test_engine_server.py::test_another_version_is_refused",
        "tests/record/test_record_seal.py::test_an_engine_elsewhere_has_to_be_confirmed_by_one_here",
    ),
    "R11 one report as several": (
        "shard 1 given again as shard 2", "one report for two slots", "one report attested twice where two are asked",
        "one digest of the subject equal and one not", "failed is 0 and a failing case is listed",
    ),
    "R12 unsigned evidence, laundered": (
        "an allow that rests on unsigned evidence", "an allow that rests on unsigned evidence, at the deploy side",
    ),
    "R13 a rule that is off, a pack called like a requirement": ("a pack called like a requirement", "a rule that was left off the list"),
}  # fmt: skip
"""What a second review, of the contract, found: denies that would have become allows."""
