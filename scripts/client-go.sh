#!/bin/sh
# Builds test/client-go (a client of Kubernetes' own client-go) with Debian's packages of Go and client-go, apart from the system: nothing is
# installed. Prints the path of the program. Debian 12 has no client-go: the packages are those of the release after it, and their signatures are checked.
set -eu
cd "$(dirname "$0")/.."
sources=$(cat test/client-go/*.go scripts/client-go.sh | sha256sum | cut -c1-16)
cache=$PWD/node_modules/.cache/kubets-client-go
program=$cache/check-$sources
if [ -x "$program" ]; then echo "$program"; exit 0; fi
suite=trixie
keyring=/usr/share/keyrings/debian-archive-keyring.gpg
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT INT TERM
# The mirror that this machine uses, as apt names it.
mirror=$(apt-get indextargets --format '$(SITE)' 2>/dev/null | grep -E '/debian/?$' | head -n 1)
mkdir -p "$work/lists/partial" "$work/cache/archives/partial" "$work/debs" "$work/unpacked" "$work/go/src" "$cache"
echo "deb [signed-by=$keyring] ${mirror:-http://deb.debian.org/debian} $suite main" >"$work/sources.list"
# What apt is asked goes to folders of its own: the system's lists and packages stay as they are.
apart() {
  tool=$1
  shift
  "$tool" -o Dir::Etc::SourceList="$work/sources.list" -o Dir::Etc::SourceParts=- -o Dir::State::Lists="$work/lists" -o Dir::Cache="$work/cache" -o APT::Sandbox::User=root -qq "$@"
}
apart apt-get update >&2
# Two versions of one library are alternatives in what others ask for: the newer one.
libraries=$(apart apt-cache depends --recurse --no-recommends --no-suggests --no-conflicts --no-breaks --no-replaces --no-enhances golang-k8s-client-go-dev | grep -E '^golang-.*-dev$' | grep -v -e '-protobuf-1-3-' | sort -u)
# shellcheck disable=SC2086 # one word a package
(cd "$work/debs" && apart apt-get download $libraries golang-1.24-go golang-1.24-src >&2)
for package in "$work"/debs/*.deb; do dpkg-deb -x "$package" "$work/unpacked"; done
mkdir -p "$work/go/src/check"
cp test/client-go/*.go "$work/go/src/check/"
(
  cd "$work/go/src/check"
  GOROOT=$work/unpacked/usr/lib/go-1.24 GOPATH=$work/go:$work/unpacked/usr/share/gocode GOCACHE=$work/build GO111MODULE=off GOTOOLCHAIN=local GOFLAGS='' CGO_ENABLED=0 \
    "$work/unpacked/usr/lib/go-1.24/bin/go" build -ldflags='-s -w' -o "$program.part" . >&2
)
mv "$program.part" "$program"
echo "$program"
