# METADATA
# title: What runs is configured as the approved baseline says
# description: >-
#   The approved settings stand in one slot, what was found running in another. A setting that differs, is missing or is
#   there without being approved is a change that nobody looked at, unless its path is allowed to deviate.
# custom:
#   severity: high
#   needs:
#     configuration: [settings.path, settings.value]
#   parameters:
#     baseline_slot:
#       type: string
#       minLength: 1
#       default: baseline
#       description: The slot of what was approved. All other slots of this kind hold what runs.
#     allowed:
#       type: array
#       items: {type: string, minLength: 1}
#       default: []
#       tighten: subset
#       description: Paths, or patterns of them (Deployment.shop.web/spec/replicas), that may deviate.
#     denied:
#       type: array
#       items: {type: string, minLength: 1}
#       default: []
#       tighten: superset
#       description: Likewise, that may not, whatever is allowed.
#   remedy: Bring the setting back to what was approved, or have the deviation approved by its path.
#   controls: [CIS-4.1, ISO27001-A.8.9, SOC2-CC7.1, SOC2-CC8.1]
package gatekeeper.configuration.baseline

import rego.v2

deny contains violation if {
	count(running) * count(approved) == 0
	some report in input.configuration
	violation := {
		"message": "there is nothing to compare with: settings are needed in the slot of the baseline and in another",
		"source": report.source,
	}
}

# A setting that is not running stands in the baseline; one that is not approved stands in what runs.
deny contains violation if {
	some report in input.configuration
	some setting in report.settings
	not setting.path in running
	not may_deviate(setting.path)
	violation := {
		"message": $"{setting.path} was approved and is not there",
		"term": setting.path,
		"source": report.source,
		"expected": setting.value,
	}
}

deny contains violation if {
	some report in input.configuration
	some setting in report.settings
	not setting.path in approved_paths
	not may_deviate(setting.path)
	violation := {
		"message": $"{setting.path} is there and was not approved",
		"term": setting.path,
		"source": report.source,
		"actual": setting.value,
	}
}

deny contains violation if {
	some report in input.configuration
	some setting in report.settings
	setting.path in approved_paths
	not [setting.path, setting.value] in approved
	not may_deviate(setting.path)
	violation := {
		"message": $"{setting.path} is set to something else than approved",
		"term": setting.path,
		"source": report.source,
		"expected": concat(" or ", {value | some [path, value] in approved; path == setting.path}),
		"actual": setting.value,
	}
}

approved contains [setting.path, setting.value] if {
	some report in input.configuration
	report.source.slot == input.parameters.baseline_slot
	some setting in report.settings
}

approved_paths contains path if some [path, _] in approved

running contains setting.path if {
	some report in input.configuration
	not report.source.slot == input.parameters.baseline_slot
	some setting in report.settings
}

may_deviate(path) if {
	some pattern in input.parameters.allowed
	fits(pattern, path)
	not refused(path)
}

refused(path) if {
	some pattern in input.parameters.denied
	fits(pattern, path)
}

fits(pattern, path) if pattern == path

fits(pattern, path) if glob.match(pattern, ["/"], path)
