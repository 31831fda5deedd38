# Reviews Terraform's and OpenTofu's plans for what they do to environments of the Virtuozzo Application Platform: which
# of them move, and what stops, changes its address or costs more by that. README.md says how to use it.
package vap.migration

# deny is why a plan must not be applied.
deny contains finding if {
	some finding in findings
	level(finding.rule) == "deny"
	count(excuses(finding)) == 0
}

# warn is what somebody should know before a plan is applied.
warn contains finding if {
	some finding in findings
	level(finding.rule) == "warn"
}

# What an exception permits is not denied, and not kept back either.
warn contains object.union(finding, {"msg": sprintf("%s permitted: %s", [finding.msg, reason])}) if {
	some finding in findings
	level(finding.rule) == "deny"
	some exception in excuses(finding)
	reason := object.get(exception, "reason", "an exception without a reason")
}

# allow is undefined, not false, if the plan is denied: so a mistyped name of a decision allows nothing.
allow if count(deny) == 0

# Rules without a level deny always.
level(rule) := object.get(parameters.levels, rule, "deny")

# excuses are the exceptions that permit what was found.
excuses(finding) := {exception |
	some exception in parameters.exceptions
	finding.rule in exception.rules
	covers(exception.address, finding.address)
	aims(exception, finding)
	holds(exception)
}

# An exception covers a resource, or all instances of one; an asterisk stands for any characters.
covers(pattern, address) if pattern == regex.replace(address, `\[(\d+|"([^"\\]|\\.)*")\]`, "")

covers(pattern, address) if {
	literal := regex.replace(pattern, `[][\\.+?()|{}^$]`, `\$0`)
	regex.match(sprintf("^(?s:%s)$", [replace(literal, "*", ".*")]), address)
}

aims(exception, _) if not exception.to_regions

aims(exception, finding) if finding.to in exception.to_regions

holds(exception) if not exception.until

holds(exception) if time.now_ns() < time.parse_rfc3339_ns(exception.until)
