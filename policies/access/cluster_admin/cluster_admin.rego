# METADATA
# title: Nobody is an administrator of everything who is not named
# description: >-
#   Whoever may do everything everywhere can undo every other control. Those who have to are few, known and named in the
#   gate.
# related_resources:
#   - https://kubernetes.io/docs/reference/access-authn-authz/rbac/#user-facing-roles
# custom:
#   severity: critical
#   needs:
#     privileges: [grants.subject, grants.role, grants.verbs, grants.resources, grants.scope, grants.locator]
#   parameters:
#     administrators:
#       type: array
#       items: {type: string, minLength: 1}
#       default: []
#       tighten: subset
#       description: Subjects that may (Group system:masters).
#   remedy: Bind a role with the rights that are needed, in the namespace where they are needed.
#   controls: [CIS-K8S-5.1.1, ISO27001-A.8.2, SOC2-CC6.3]
package gatekeeper.access.cluster_admin

import rego.v2

deny contains violation if {
	some report in input.privileges
	some grant in report.grants
	not grant.subject in input.parameters.administrators
	is_admin(grant.role, grant.scope, "*" in grant.verbs, "*" in grant.resources)
	violation := {
		"message": $"{grant.subject} may do everything as {grant.role} ({grant.scope})",
		"term": $"{grant.subject} {grant.role}",
		"source": report.source,
		"locator": grant.locator,
	}
}

is_admin("cluster-admin", _, _, _) := true

is_admin(_, scope, true, true) if scope in {"account", "cluster"}
