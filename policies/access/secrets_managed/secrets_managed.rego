# METADATA
# title: Secrets come from where secrets are kept
# description: >-
#   A secret that stands in a manifest is in the repository, in every clone and in every log that shows the manifest. It
#   is known, and nobody can change it without a release.
# custom:
#   severity: high
#   needs:
#     secret_management: [secrets.owner, secrets.name, secrets.held, secrets.locator]
#   parameters:
#     denied:
#       type: array
#       items:
#         type: string
#         enum: [manager, encrypted, reference, inline, literal]
#       default: [inline, literal]
#       tighten: superset
#       description: Ways of holding a secret that are denied.
#   remedy: Put the secret into a store, refer to it by name, and change it, because it is known now.
#   controls: [CIS-K8S-5.4.1, ISO27001-A.5.17, SOC2-CC6.1, SSDF-PO.5.2]
package gatekeeper.access.secrets_managed

import rego.v2

deny contains violation if {
	some report in input.secret_management
	some secret in report.secrets
	secret.held in input.parameters.denied
	violation := {
		"message": $"{secret.name} of {secret.owner} is held as {secret.held}",
		"term": $"{secret.owner} {secret.name}",
		"source": report.source,
		"locator": secret.locator,
		"actual": secret.held,
	}
}
