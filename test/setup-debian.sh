#!/usr/bin/env bash
# Installs what the tests against real registries and clients need, on Debian 12, as root.
# Where everything is there already it does nothing.
set -euo pipefail

packages=(
  docker-registry nginx                  # upstreams
  skopeo podman buildah containerd runc docker.io # clients
  curl openssl iproute2 util-linux       # what the tests drive them with
  prometheus                             # what reads the metrics, with promtool
  chromium fonts-dejavu-core             # what looks at the web UI
  wrk hey apache2-utils jq               # what the benchmarks drive them with
)

is_installed() {
  [ "$(dpkg-query --show --showformat='${db:Status-Status}' "$1" 2>/dev/null)" = installed ]
}

missing=()
for package in "${packages[@]}"; do
  is_installed "$package" || missing+=("$package")
done
command -v npm >/dev/null || missing+=(npm)

if [ "${#missing[@]}" -eq 0 ]; then
  echo 'all packages are installed'
  exit 0
fi

# The daemons are started by the tests, each with its own settings; none by its package.
policy=/usr/sbin/policy-rc.d
if [ ! -e "$policy" ]; then
  trap 'rm -f "$policy"' EXIT
  printf '#!/bin/sh\nexit 101\n' >"$policy"
  chmod 755 "$policy"
fi

echo "installing ${missing[*]}"
export DEBIAN_FRONTEND=noninteractive
apt-get update --quiet
apt-get install --quiet --yes --no-install-recommends "${missing[@]}"
