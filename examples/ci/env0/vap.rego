# The policies of this provider in the form that env zero asks for in approval policies: its input has the plan in "plan",
# beside the deployment and its approvers; "deny" cancels a deployment, "pending" waits for somebody, "allow" goes on.
package env0

import data.vap.migration

# Without a plan the policies find that there is none, and deny that.
default plan := {}

plan := input.plan

deny contains finding.msg if {
	findings := migration.deny with input as plan
	some finding in findings
}

# What somebody should know before the apply waits until somebody other than who started the deployment has approved it.
pending contains finding.msg if {
	count(approvals) == 0
	findings := migration.warn with input as plan
	some finding in findings
}

allow contains "no migration is denied, and nothing is left to approve" if {
	count(deny) == 0
	count(pending) == 0
}

approvals contains approver.email if {
	some approver in input.approvers
	approver.email != input.deployerUser.email
}
