# METADATA
# title: Nobody may do more than they need
# description: >-
#   A right that nobody needs is one that an attacker finds. Wildcards grant what does not exist yet; bind, escalate and
#   impersonate, or passing a role on, let their bearer become anybody. Conditions and denials elsewhere are not counted
#   on.
# related_resources:
#   - https://kubernetes.io/docs/concepts/security/rbac-good-practices/
#   - https://docs.aws.amazon.com/IAM/latest/UserGuide/best-practices.html
# custom:
#   severity: high
#   needs:
#     privileges: [grants.subject, grants.role, grants.verbs, grants.resources, grants.locator]
#   parameters:
#     denied_verbs:
#       type: array
#       items: {type: string, minLength: 1}
#       default: ["*", bind, escalate, impersonate, "iam:*", "iam:passrole", "sts:*"]
#       tighten: superset
#       description: Verbs and actions, in lower case. A grant with a pattern that covers one is denied.
#     denied_resources:
#       type: array
#       items: {type: string, minLength: 1}
#       default: ["*", secrets]
#       tighten: superset
#       description: Likewise; of Kubernetes as kubectl writes them (deployments.apps).
#     exceptions:
#       type: array
#       items: {type: string, minLength: 1}
#       default: []
#       tighten: subset
#       description: Subject and role of grants that are known to need it, with a slash between (User ada / operator).
#   remedy: Name the verbs and resources that are needed, or have the grant listed as an exception.
#   controls: [CIS-K8S-5.1.1, ISO27001-A.8.2, SOC2-CC6.3, SSDF-PO.5.1]
package gatekeeper.access.least_privilege

import rego.v2

deny contains violation if {
	some report in input.privileges
	some grant in report.grants
	not $"{grant.subject} / {grant.role}" in input.parameters.exceptions
	some verb in grant.verbs
	some denied in input.parameters.denied_verbs
	covers(verb, denied)
	violation := {
		"message": $"{grant.subject} may {verb} as {grant.role}",
		"term": $"{grant.subject} {grant.role} verb {verb}",
		"source": report.source,
		"locator": grant.locator,
	}
}

deny contains violation if {
	some report in input.privileges
	some grant in report.grants
	not $"{grant.subject} / {grant.role}" in input.parameters.exceptions
	some resource in grant.resources
	some denied in input.parameters.denied_resources
	covers(resource, denied)
	violation := {
		"message": $"{grant.subject} has rights on {resource} as {grant.role}",
		"term": $"{grant.subject} {grant.role} resource {resource}",
		"source": report.source,
		"locator": grant.locator,
	}
}

# What is granted may be a pattern; the lone star covers what has a slash in it too.
covers("*", _) := true

covers(granted, denied) if glob.match(granted, ["/"], denied)
