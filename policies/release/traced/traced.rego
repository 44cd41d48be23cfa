# METADATA
# title: It is known when, by whom and of whose work the artifact was built
# description: >-
#   An artifact that nobody can trace is nobody's. Its metadata, the provenance of its build and the change that was built
#   have to speak of one thing - the digest that is judged here and the commit that somebody wrote.
# custom:
#   severity: high
#   needs:
#     artifact: [file_name, digest]
#     change: [commit, authors]
#     provenance: [builder, started_at, finished_at]
#   reads:
#     provenance: [source_digest]
#   remedy: Attest artifact, provenance and change of one and the same build.
#   controls: [SLSA-BUILD-L1, SLSA-SOURCE-L2, SSDF-PS.3.2]
package gatekeeper.release.traced

import rego.v2

deny contains violation if {
	some report in input.artifact
	judged := [$"{algorithm}:{value}" | some algorithm, value in input.subject.digest]
	not report.digest in judged
	violation := {
		"message": $"{report.file_name} is {report.digest}, which is not what is judged",
		"term": report.digest,
		"source": report.source,
		"expected": concat(", ", judged),
		"actual": report.digest,
	}
}

deny contains violation if {
	some change in input.change
	some report in input.provenance
	not report.source_digest == $"gitCommit:{change.commit}"
	violation := {
		"message": $"{report.builder} did not build the commit {change.commit}",
		"term": change.commit,
		"source": report.source,
		"expected": $"gitCommit:{change.commit}",
		"actual": $"{concat("", [digest | digest := report.source_digest])}",
	}
}

deny contains violation if {
	some change in input.change
	count(change.authors) == 0
	violation := {
		"message": $"nobody is named as author of {change.commit}",
		"term": $"{change.commit}: authors",
		"source": change.source,
	}
}
