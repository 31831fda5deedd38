# Reviews plans of Terraform and OpenTofu: which environments of the Virtuozzo Application Platform move, stop, get
# other addresses or cost more. README.md says how to use it.
package vap.migration

# deny are the reasons why a plan must not be applied.
deny contains finding if {
	some finding in findings
	level(finding.rule) == "deny"
	count(excuses(finding)) == 0
}

# warn is what to know before a plan is applied.
warn contains finding if {
	some finding in findings
	level(finding.rule) == "warn"
}

# A finding that an exception permits becomes a warning.
warn contains object.union(finding, {"msg": sprintf("%s permitted: %s", [finding.msg, reason])}) if {
	some finding in findings
	level(finding.rule) == "deny"
	some exception in excuses(finding)
	reason := object.get(exception, "reason", "an exception without a reason")
}

# allow is undefined, not false, if the plan is denied, so that a mistyped name of a decision allows nothing.
allow if count(deny) == 0

# Rules without a level always deny.
level(rule) := object.get(parameters.levels, rule, "deny")

# excuses are the exceptions that permit a finding.
excuses(finding) := {exception |
	some exception in parameters.exceptions
	finding.rule in exception.rules
	covers(exception.address, finding.address)
	aims(exception, finding)
	holds(exception)
}

# An exception covers a resource, or all instances of one; * matches any characters.
covers(pattern, address) if pattern == regex.replace(address, `\[(\d+|"([^"\\]|\\.)*")\]`, "")

covers(pattern, address) if {
	literal := regex.replace(pattern, `[][\\.+?()|{}^$]`, `\$0`)
	regex.match(sprintf("^(?s:%s)$", [replace(literal, "*", ".*")]), address)
}

aims(exception, _) if not exception.to_regions

aims(exception, finding) if finding.to in exception.to_regions

holds(exception) if not exception.until

holds(exception) if time.now_ns() < time.parse_rfc3339_ns(exception.until)
