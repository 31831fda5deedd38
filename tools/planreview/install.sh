#!/bin/sh
# Installs planreview from a release into a folder, after checking its checksum. For CI; does not need Go:
#
#     install.sh v0.1.0 FOLDER
#
# Environment variables: PLANREVIEW_PLATFORM (by default the machine's, for example linux_amd64), PLANREVIEW_DOWNLOAD (the
# URL of the releases).
# Needs curl or wget, tar and gzip, and sha256sum or shasum.
set -eu

version=${1-}
folder=${2-}
download=${PLANREVIEW_DOWNLOAD:-https://github.com/terraform-provider-vap/terraform-provider-vap/releases/download}

fail() {
	echo "planreview was not installed: $*" >&2
	exit 1
}

# The version becomes part of a URL and of a path.
case $version in
*[!0-9A-Za-z.-]* | *..* | v*.*.*.) fail "\"$version\" is no release; write one like v0.1.0" ;;
v[0-9]*.[0-9]*.[0-9]*) ;;
*) fail "\"$version\" is no release; write one like v0.1.0" ;;
esac
[ -n "$folder" ] || fail 'usage: install.sh VERSION FOLDER'

platform=${PLANREVIEW_PLATFORM-}
if [ -z "$platform" ]; then
	case $(uname -s) in
	Linux) os=linux ;;
	Darwin) os=darwin ;;
	FreeBSD) os=freebsd ;;
	MINGW* | MSYS* | CYGWIN*) os=windows ;;
	*) fail "there are no releases for $(uname -s)" ;;
	esac
	case $(uname -m) in
	x86_64 | amd64) arch=amd64 ;;
	aarch64 | arm64) arch=arm64 ;;
	*) fail "there are no releases for $(uname -m)" ;;
	esac
	platform=${os}_$arch
fi
program=planreview
case $platform in windows_*) program=planreview.exe ;; esac

archive=planreview_${version#v}_$platform.tar.gz
temporary=$(mktemp -d)
trap 'rm -rf "$temporary"' EXIT
for file in "$archive" "$archive.sha256"; do
	if command -v curl >/dev/null; then
		curl --fail --silent --show-error --location --retry 3 --output "$temporary/$file" "$download/$version/$file"
	else
		wget -q -O "$temporary/$file" "$download/$version/$file"
	fi || fail "$download/$version/$file cannot be downloaded"
done

# Do not use "sha256sum --check": the checksum file might name another file.
if command -v sha256sum >/dev/null; then
	actual=$(sha256sum <"$temporary/$archive")
else
	actual=$(shasum -a 256 <"$temporary/$archive")
fi
expected=$(cut -d ' ' -f 1 "$temporary/$archive.sha256")
if [ "${#expected}" -ne 64 ] || [ "${actual%% *}" != "$expected" ]; then
	fail "the checksum of $archive is ${actual%% *} and should be $expected"
fi

tar -xzf "$temporary/$archive" -C "$temporary" "$program"
mkdir -p "$folder"
mv -f "$temporary/$program" "$folder/$program"
echo "planreview $version is in $folder"
