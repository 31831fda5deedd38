#!/bin/sh
# Writes a review into a comment of a pull or merge request. Later runs update that comment instead of adding another one.
#
#     comment.sh github review.md    needs GITHUB_TOKEN, PULL_REQUEST (its number), and what GitHub Actions sets
#     comment.sh gitlab review.md    needs REVIEW_NOTE_TOKEN (scope "api"), and what GitLab sets in pipelines of merge requests
#
# Optional: REVIEW_NAME, if a request has several reviews and comments; REVIEW_COMMIT, the commit that was planned.
# Needs curl and jq.
set -eu
umask 077

forge=$1
file=$2
marker="<!-- review of migrations${REVIEW_NAME:+: $REVIEW_NAME} -->"
temporary=$(mktemp -d)
trap 'rm -rf "$temporary"' EXIT

# The token is in a file, because other users of the machine can see arguments.
case $forge in
github)
	repository=$GITHUB_API_URL/repos/$GITHUB_REPOSITORY
	comments=$repository/issues/$PULL_REQUEST/comments
	comment=$repository/issues/comments
	update=PATCH
	printf 'Authorization: Bearer %s\n' "$GITHUB_TOKEN" >"$temporary/header"
	;;
gitlab)
	comments=$CI_API_V4_URL/projects/$CI_PROJECT_ID/merge_requests/$CI_MERGE_REQUEST_IID/notes
	comment=$comments
	update=PUT
	printf 'PRIVATE-TOKEN: %s\n' "$REVIEW_NOTE_TOKEN" >"$temporary/header"
	;;
*)
	echo "usage: $0 github|gitlab FILE" >&2
	exit 2
	;;
esac

# call makes a request and prints the response.
call() {
	method=$1
	url=$2
	shift 2
	curl --silent --show-error --fail --request "$method" --header "@$temporary/header" --header 'Content-Type: application/json' "$@" "$url"
}

# Update only a comment of our own, because the author of another one could edit the review in it.
case $forge in
github) own=".user.login == \"${COMMENT_AUTHOR:-github-actions[bot]}\"" ;;
gitlab) own=".author.id == $(call GET "$CI_API_V4_URL/user" | jq .id)" ;;
esac

id=
page=1
while [ -z "$id" ]; do
	call GET "$comments?per_page=100&page=$page" >"$temporary/page"
	id=$(jq --arg marker "$marker" "[.[] | select($own and ((.body // \"\") | startswith(\$marker))) | .id] | first // empty" "$temporary/page")
	[ "$(jq length "$temporary/page")" -eq 100 ] || break
	page=$((page + 1))
done

{
	printf '%s\n\n' "$marker"
	[ -z "${REVIEW_NAME-}" ] || printf '## %s\n\n' "$REVIEW_NAME"
	cat "$file"
	[ -z "${REVIEW_COMMIT-}" ] || printf '\nThe plan was made of commit %s.\n' "$REVIEW_COMMIT"
} | jq --raw-input --slurp '{body: .}' >"$temporary/body"
if [ -n "$id" ]; then
	call "$update" "$comment/$id" --data-binary "@$temporary/body" >"$temporary/answer"
else
	call POST "$comments" --data-binary "@$temporary/body" >"$temporary/answer"
fi
