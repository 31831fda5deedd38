#!/usr/bin/env bash
# The steps of action.yml, which explains REVIEW_… and the other variables:
#
#     action.sh install    puts planreview on the PATH, from a release or from the source beside this script
#     action.sh review     writes the review, the job summary and the outputs; ends with 0 even if the plan is denied
#     action.sh comment    writes or updates the comment of the pull request
#     action.sh gate       ends with the exit code of planreview: 0, 1 if the plan is denied, 2 if it cannot be reviewed
set -euo pipefail
here=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
bin=$RUNNER_TEMP/planreview-bin

fail() {
	echo "::error::$*"
	exit 1
}

# show prints text from others. Otherwise a line that begins with "::" would be a command for the runner.
show() {
	local stop
	stop=$(od -An -N16 -tx1 /dev/urandom | tr -d ' \n')
	echo "::stop-commands::$stop"
	cat
	echo "::$stop::"
}

# released prints the release whose commit of the action is used, or nothing.
released() {
	local release='^v[0-9]+\.[0-9]+\.[0-9]+(-[0-9A-Za-z.-]+)?$'
	if [[ $ACTION_REF =~ $release ]]; then
		echo "$ACTION_REF"
		return
	fi
	[ -n "$ACTION_REF" ] && [ -n "$ACTION_REPOSITORY" ] || return 0
	# The reference is a commit, as actions should be pinned, or another name of a release, such as v1. Lines with ^{}
	# have a tag's commit.
	{ git ls-remote --tags -- "$GITHUB_SERVER_URL/$ACTION_REPOSITORY" 'v*' || true; } |
		awk -v ref="$ACTION_REF" -v release="$release" '
			{ tag = $2; sub("^refs/tags/", "", tag); sub("\\^\\{\\}$", "", tag); commit[tag] = $1 }
			END {
				if (ref in commit) ref = commit[ref]
				for (tag in commit) if (commit[tag] == ref && tag ~ release) { print tag; exit }
			}'
}

install() {
	local version=$PLANREVIEW_VERSION
	[ -n "$version" ] || version=$(released)
	if [ -n "$version" ] && [ "$version" != source ]; then
		"$here/install.sh" "$version" "$bin" 2>&1 | show
	else
		command -v go >/dev/null ||
			fail 'planreview has to be built from source here, and there is no Go: set the input "version" to a release, or add actions/setup-go.'
		(cd "$here" && CGO_ENABLED=0 go build -trimpath -o "$bin/" .)
		echo 'planreview is built from the source of this action'
	fi
	echo "$bin" >>"$GITHUB_PATH"
}

# json prints the name of the plan's JSON file. If the plan is not JSON, it converts it with the program that made it.
json() {
	local terraform=$REVIEW_TERRAFORM
	if [ ! -f "$REVIEW_PLAN" ]; then
		echo "There is no plan to review: $REVIEW_PLAN does not exist. Planning was not run, or failed before it could write one." >&2
		return 2
	fi
	if [ "$(head -c 2 -- "$REVIEW_PLAN" | tr -d '\0')" != PK ]; then
		echo "$REVIEW_PLAN"
		return
	fi
	# The wrapper of hashicorp/setup-terraform prints more than the JSON.
	if [ "$terraform" = terraform ] && [ -x "${TERRAFORM_CLI_PATH-}/terraform-bin" ]; then
		terraform=$TERRAFORM_CLI_PATH/terraform-bin
	fi
	"$terraform" show -json "$REVIEW_PLAN" >"$1" || return 2
	echo "$1"
}

review() {
	umask 077
	local folder plan code=0 arguments=()
	folder=$(mktemp -d "$RUNNER_TEMP/planreview.XXXXXX")
	local private=$folder.private # has values of the state, and is not in the artifact
	mkdir "$private"
	for format in markdown=review.md html=review.html json=review.json junit=junit.xml; do
		arguments+=(-format "${format%%=*}=$folder/${format#*=}")
	done
	[ -z "$REVIEW_DENY" ] || arguments+=(-deny "$REVIEW_DENY")
	[ -z "$REVIEW_CONFIG" ] || arguments+=(-config "$REVIEW_CONFIG")
	plan=$(json "$private/plan.json" 2>"$private/said") || code=$?
	[ "$code" -ne 0 ] || "$bin/planreview" "${arguments[@]}" -- "$plan" 2>"$private/said" || code=$?
	show <"$private/said"
	if [ "$code" -gt 1 ]; then
		# An earlier comment must not seem to be about this plan.
		{ printf '### The plan cannot be reviewed\n\nSo it is denied. This is why:\n\n' && sed 's/^/    /' "$private/said"; } >"$folder/review.md"
	fi
	rm -rf "$private"
	[ -z "$REVIEW_NAME" ] || printf '## %s\n\n' "$(plain "$REVIEW_NAME")" >>"$GITHUB_STEP_SUMMARY"
	cat "$folder/review.md" >>"$GITHUB_STEP_SUMMARY"
	{
		echo "folder=$folder"
		echo "code=$code"
		if [ "$code" -eq 0 ]; then echo denied=false; else echo denied=true; fi
	} >>"$GITHUB_OUTPUT"
}

# plain prints a name without characters that have a meaning in Markdown or end the mark of a comment.
plain() {
	printf '%s' "$1" | tr -c '0-9A-Za-z._/-' ' ' | sed 's/--*/-/g'
}

comment() {
	if [ "$FROM_FORK" = true ]; then
		echo '::notice::This pull request comes from a fork, whose token may not write comments. The review is in the job summary.'
		return
	fi
	local said
	REVIEW_NAME=$(plain "$REVIEW_NAME")
	export REVIEW_NAME
	if ! said=$("$here/../../examples/ci/comment.sh" github "$REVIEW_FOLDER/review.md" 2>&1); then
		show <<<"$said"
		echo '::warning::The review could not be put into a comment. The job needs "permissions: pull-requests: write". The review is in the job summary.'
	fi
}

gate() {
	case $REVIEW_CODE in
	0) ;;
	1) echo '::error::The plan is denied. The review in the job summary says why.' ;;
	*) echo '::error::The plan cannot be reviewed, so it is denied. The job summary says why.' ;;
	esac
	exit "${REVIEW_CODE:-2}"
}

case ${1-} in
install | review | comment | gate) "$1" ;;
*)
	echo "usage: $0 install | review | comment | gate" >&2
	exit 2
	;;
esac
