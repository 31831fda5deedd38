# A plan policy for Spacelift. Spacelift shows a policy only parts of the plan, and a policy has to be one file; so it judges
# the review that planreview made of the whole plan in a hook (README.md) and left in vap.custom.spacelift.json.
package spacelift

# The review, if it is one of a form that this policy knows.
review := found if {
	found := input.third_party_metadata.custom.vap
	startswith(found.format_version, "1.")
	is_boolean(found.denied)
	is_array(found.denials)
	is_array(found.exceptions)
}

deny contains "there is no review of this plan: the hook that runs planreview is missing, or failed" if not review

deny contains sprintf("%s: %s: %s", [where(denial), denial.kind, denial.text]) if {
	some denial in review.denials
}

# Should the two ever not agree.
deny contains review.headline if {
	review.denied
	count(review.denials) == 0
}

# With a warning a run waits for somebody even if the stack deploys by itself.
warn contains review.headline if {
	count(review.moves) > 0
	not review.denied
}

warn contains sprintf("%s: %s, allowed: %s", [where(exception), exception.kind, exception.reason]) if {
	some exception in review.exceptions
}

where(finding) := finding.address if finding.address != ""

where(finding) := "the plan" if finding.address == ""
