# METADATA
# title: Every workload runs under a name of its own, with no more to prove it than it needs
# description: >-
#   Workloads that share an account share its rights, and a token that is mounted without need is found by whoever gets
#   into the container. Keys of a cloud that do not expire are worth stealing; an identity by federation is not.
# related_resources:
#   - https://kubernetes.io/docs/concepts/security/rbac-good-practices/
# custom:
#   severity: high
#   needs:
#     workload_identity:
#       - workloads.name
#       - workloads.account
#       - workloads.token_mounted
#       - workloads.static_credentials
#       - workloads.locator
#   parameters:
#     shared_accounts:
#       type: array
#       items: {type: string, minLength: 1}
#       default: [default]
#       tighten: superset
#       description: Accounts that no workload may run under.
#     mounting:
#       type: array
#       items: {type: string, minLength: 1}
#       default: []
#       tighten: subset
#       description: Accounts whose token may be mounted, because their workloads talk to the cluster.
#   remedy: Give the workload an account of its own, switch the mounting of its token off, and let it prove itself by federation.
#   controls: [CIS-K8S-5.1.5, CIS-K8S-5.1.6, ISO27001-A.5.16, SOC2-CC6.1]
package gatekeeper.access.workload_identity

import rego.v2

deny contains violation if {
	some report in input.workload_identity
	some workload in report.workloads
	workload.account in input.parameters.shared_accounts
	violation := {
		"message": $"{workload.name} runs as {workload.account}",
		"term": $"{workload.name} account",
		"source": report.source,
		"locator": workload.locator,
		"actual": workload.account,
	}
}

deny contains violation if {
	some report in input.workload_identity
	some workload in report.workloads
	workload.token_mounted == true
	not workload.account in input.parameters.mounting
	violation := {
		"message": $"a token of {workload.account} is mounted into {workload.name}",
		"term": $"{workload.name} token",
		"source": report.source,
		"locator": workload.locator,
		"actual": workload.account,
	}
}

deny contains violation if {
	some report in input.workload_identity
	some workload in report.workloads
	some variable in workload.static_credentials
	violation := {
		"message": $"{workload.name} holds credentials that do not expire in {variable}",
		"term": $"{workload.name} {variable}",
		"source": report.source,
		"locator": workload.locator,
		"actual": variable,
	}
}
