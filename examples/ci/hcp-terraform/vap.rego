# The policies of this provider in the form that HCP Terraform asks for: its input has the plan in "plan", beside what it
# knows of the run, and a query has to give a list that is empty if the policy is passed.
package terraform.policies.vap

import data.vap.migration

# Without a plan the policies find that there is none, and deny that.
default plan := {}

plan := input.plan

deny contains finding.msg if {
	findings := migration.deny with input as plan
	some finding in findings
}

warn contains finding.msg if {
	findings := migration.warn with input as plan
	some finding in findings
}
