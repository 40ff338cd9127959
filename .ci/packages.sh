#!/bin/bash
# Installs the Debian packages that building and testing Sheaf need and that are
# not there yet. The lab (deploy/lab) installs its own. Run as root, or be told
# what is missing. Arguments: the commands wanted (default: all).
set -euo pipefail

declare -A package_of=(
  [mvn]=maven
  [git]=git
  [curl]=curl
  [iptables]=iptables
  [openssl]=openssl
  [skopeo]=skopeo
  [tmux]=tmux
  [shellcheck]=shellcheck
  [pg_ctlcluster]=postgresql
)

missing=()
(($#)) || set -- "${!package_of[@]}"
for name; do
  [[ -n ${package_of[$name]:-} ]] || { echo "packages.sh knows no command $name" >&2; exit 2; }
  command -v "$name" >/dev/null || missing+=("${package_of[$name]}")
done
((${#missing[@]})) || exit 0

if [[ $EUID -ne 0 ]] || ! command -v apt-get >/dev/null; then
  echo "missing: ${missing[*]} (Debian packages; install them, or run as root on Debian)" >&2
  exit 1
fi
echo "installing ${missing[*]}" >&2
export DEBIAN_FRONTEND=noninteractive
install=(apt-get install -y -qq --no-install-recommends "${missing[@]}")
"${install[@]}" >/dev/null 2>&1 || { apt-get update -qq >/dev/null && "${install[@]}" >/dev/null; }
