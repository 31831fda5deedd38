#!/bin/sh
# The steps of a pipeline that reviews a plan before it applies it, the same for every CI system. In the folder of the
# configuration, after "terraform init":
#
#     ./ci.sh plan [ARGUMENT...]   makes the plan; the arguments are for "terraform plan"
#     ./ci.sh review               writes the review of it, for people and for CI systems
#     ./ci.sh gate                 prints the review; exit code 0 if the plan may be applied, 1 if it is denied
#     ./ci.sh apply                passes the gate once more, with the saved plan itself, and applies that plan
#
# Any other exit code is a failure: 2 if there is no plan that can be reviewed. All files are in one folder:
#
#     plan.bin        the plan              review.md     the review for comments and job summaries
#     plan.json       the same as JSON      review.html   the review as a page
#     terraform.json  GitLab's report       junit.xml     the review as test results
#
# plan.bin and plan.json have values of variables and of the state, including secrets: do not publish them.
set -eu
umask 077

terraform=${TERRAFORM:-terraform}        # or tofu
planreview=${PLANREVIEW:-planreview}     # the path of the program
config=${REVIEW_CONFIG:-.vap-review.yml} # the rules that deny plans, and their exceptions
folder=${REVIEW_FOLDER:-review}          # for all files

plan() {
	mkdir -p "$folder"
	# Files of an earlier run must not be used in this one.
	(cd "$folder" && rm -f plan.bin plan.json terraform.json review.md review.html junit.xml)
	code=0
	# With "apply", the plan contains migrations without permission, so that the review shows them and the gate denies them.
	# Otherwise the plan would fail without showing them. In both cases nothing moves without permission.
	VAP_MIGRATION_ENFORCEMENT=apply "$terraform" plan -input=false -out="$folder/plan.bin" "$@" || code=$?
	# Terraform usually writes failed plans, too; the review says so, and the gate denies them.
	if [ -f "$folder/plan.bin" ]; then
		"$terraform" show -json "$folder/plan.bin" >"$folder/plan.json"
		"$terraform" show -no-color "$folder/plan.bin" | counts >"$folder/terraform.json"
	fi
	return "$code"
}

# counts converts "Plan: 1 to add, 2 to change, 3 to destroy.", if the plan has it, to GitLab's format.
counts() {
	awk '/^Plan: / { gsub(/[.,]/, ""); for (i = 2; i < NF; i++) if ($(i + 1) == "to") n[$(i + 2)] = $i }
		END { printf "{\"create\":%d,\"update\":%d,\"delete\":%d}\n", n["add"], n["change"], n["destroy"] }'
}

# review writes the review, whether the plan is denied or not.
review() {
	code=0
	judge -format markdown="$folder/review.md" -format html="$folder/review.html" -format junit="$folder/junit.xml" || code=$?
	[ "$code" -le 1 ] || return "$code"
}

# judge runs planreview, whose exit code is 0 if the plan may be applied and 1 if it is denied.
judge() {
	if [ ! -f "$folder/plan.json" ]; then
		echo "There is no plan to judge: \"$0 plan\" was not run, or failed before it could write one." >&2
		return 2
	fi
	"$planreview" -config "$config" "$@" "$folder/plan.json"
}

apply() {
	# The gate must review the plan that is applied, and not another file.
	"$terraform" show -json "$folder/plan.bin" >"$folder/plan.json"
	judge -format markdown
	"$terraform" apply -input=false "$folder/plan.bin"
}

step=${1:-}
[ $# -eq 0 ] || shift
case $step in
plan) plan "$@" ;;
review) review ;;
gate) judge -format markdown ;;
apply) apply ;;
*)
	echo "usage: $0 plan [ARGUMENT...] | review | gate | apply" >&2
	exit 2
	;;
esac
