#!/usr/bin/env bash
# Installs the Debian 12 packages that Heddle is built and tested with, and those named as arguments; only what is missing.
set -euo pipefail

packages=(g++ cmake ninja-build pkg-config libdnnl-dev libhwy-dev libtomlplusplus-dev libcli11-dev libfmt-dev
  libspdlog-dev nlohmann-json3-dev libsimdjson-dev libutf8proc-dev libonig-dev libisal-dev libzstd-dev libxxhash-dev libgtest-dev
  libspng-dev libturbojpeg0-dev zlib1g-dev "$@")

if ! command -v dpkg-query >/dev/null || ! command -v apt-get >/dev/null; then
  echo "This is no Debian: nothing is installed here, what the build misses it will name. Debian calls it:" \
    "${packages[*]}. The Dockerfile builds Heddle on any system." >&2
  exit 0
fi

missing=()
for package in "${packages[@]}"; do
  dpkg-query -W -f='${Status}' "$package" 2>/dev/null | grep -q 'install ok installed' || missing+=("$package")
done
[ ${#missing[@]} -eq 0 ] && exit 0

install="apt-get install -y --no-install-recommends ${missing[*]}"
export DEBIAN_FRONTEND=noninteractive
if [ "$(id -u)" -eq 0 ]; then
  apt-get update -q && $install
elif command -v sudo >/dev/null && sudo -n true 2>/dev/null; then
  sudo apt-get update -q && sudo --preserve-env=DEBIAN_FRONTEND $install
else
  echo "Packages are missing, and installing them takes root or sudo. As root, run: apt-get update && $install" >&2
  exit 1
fi
