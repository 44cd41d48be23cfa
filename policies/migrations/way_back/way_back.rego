# METADATA
# title: There is a way back from every migration
# description: >-
#   A release whose migration cannot be undone cannot be rolled back: the old code meets the new schema. Where undoing
#   is not possible a plan to go forward has to be there before, not after.
# custom:
#   severity: high
#   needs:
#     migration: [migrations.name, migrations.state, migrations.way_back, migrations.locator]
#   parameters:
#     ways:
#       type: array
#       items: {type: string, enum: [reversible, forward_fix]}
#       minItems: 1
#       default: [reversible, forward_fix]
#       tighten: subset
#       description: The ways that are taken for one.
#   remedy: Write the script that undoes it, or the plan that mends it by a further migration, and try it.
#   controls: [ISO27001-A.8.32, SOC2-CC8.1]
package gatekeeper.migrations.way_back

import rego.v2

deny contains violation if {
	some report in input.migration
	some migration in report.migrations
	migration.state == "pending"
	not migration.way_back in input.parameters.ways
	violation := {
		"message": $"there is no way back from {migration.name} ({migration.way_back})",
		"term": migration.name,
		"source": report.source,
		"locator": migration.locator,
	}
}

deny contains violation if {
	some report in input.migration
	some migration in report.migrations
	migration.state == "failed"
	violation := {
		"message": $"{migration.name} has failed and left the database in between",
		"term": migration.name,
		"source": report.source,
		"locator": migration.locator,
	}
}
