#!/bin/sh
# All tests, with the installation of what they need. `--again` leaves out what cannot differ from the run before (types, lint).
set -eu
cd "$(dirname "$0")/.."
if ! cmp -s package-lock.json node_modules/.kubets-installed; then
  npm ci --no-progress
  cp package-lock.json node_modules/.kubets-installed
fi
# End-to-end tests run real containers: they need root, Linux and these packages; elsewhere they are skipped, loudly.
if [ "$(uname -s)" = Linux ] && [ "$(id -u)" = 0 ] && command -v apt-get >/dev/null 2>&1; then
  packages='containerd runc containernetworking-plugins iptables nftables conntrack iproute2 busybox-static util-linux socat openssl etcd-server etcd-client python3-kubernetes'
  missing=''
  for package in $packages; do dpkg -s "$package" >/dev/null 2>&1 || missing="$missing $package"; done
  if [ -n "$missing" ]; then
    echo "installing$missing"
    apt-get update -qq
    DEBIAN_FRONTEND=noninteractive apt-get install -y -qq --no-install-recommends $missing >/dev/null
  fi
fi
PATH="$PWD/node_modules/.bin:$PATH"
export PATH
exec node --no-warnings scripts/test.ts "$@"
