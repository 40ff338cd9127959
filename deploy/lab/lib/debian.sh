# shellcheck shell=bash
# Trees made of Debian packages, from the mirror that this machine itself uses.
# They are unpacked and not installed: no maintainer script runs, so a tree of
# another architecture is as quick to make as one of our own.

SUITE=${SHEAF_LAB_SUITE:-trixie}
CACHE=${SHEAF_LAB_CACHE:-${XDG_CACHE_HOME:-$HOME/.cache}/sheaf-lab}

debian_mirror() {
  if [[ -n ${SHEAF_LAB_MIRROR:-} ]]; then
    printf '%s\n' "$SHEAF_LAB_MIRROR"
    return
  fi
  # shellcheck disable=SC2016 # apt's own variables
  local format='$(LABEL)|$(COMPONENT)|$(REPO_URI)' first='sub(/^Debian[|]main[|]/, "") && !n++' found
  found=$(apt-get indextargets --format "$format" 'Created-By: Packages' | awk "$first")
  if [[ -z $found ]]; then
    quietly apt-get update -qq || die "apt-get update failed"
    found=$(apt-get indextargets --format "$format" 'Created-By: Packages' | awk "$first")
  fi
  [[ -n $found ]] || die "this machine's apt knows no Debian mirror; name one in SHEAF_LAB_MIRROR"
  printf '%s\n' "$found"
}

# The keyring that the machine's apt trusts for that mirror, if it names a file.
keyring_of() { # MIRROR
  local sources
  sources=$(grep -lsF "${1%/}" /etc/apt/sources.list /etc/apt/sources.list.d/*.list /etc/apt/sources.list.d/*.sources | awk 'NR == 1') || true
  [[ -n $sources ]] || return 0
  sed -nE 's/.*signed-by[=:][[:space:]]*(\/[^] ]+).*/\1/Ip' "$sources" | awk 'NR == 1'
}

# How the machine reaches its mirror: proxies, and whether old indexes will do.
apt_options() {
  apt-config dump | sed -nE 's/^(Acquire::(https?::.*|Check-Valid-Until|Check-Date) ".+");$/--aptopt=\1/p'
}

unpack_debian() { # TARGET ARCHITECTURE PACKAGE...
  local target=$1 architecture=$2 mirror keyring
  shift 2
  mirror=$(debian_mirror)
  keyring=$(keyring_of "$mirror")
  local -a options=(--quiet --variant=extract "--architectures=$architecture" "--include=$(IFS=,; echo "$*")")
  [[ -z $keyring ]] || options+=("--keyring=$keyring")
  mapfile -t -O "${#options[@]}" options < <(apt_options)
  mkdir -p "$target"
  # It hands a descriptor's number to dash, which knows only those of one digit: leave it the low ones.
  quietly mmdebstrap "${options[@]}" "$SUITE" "$target" "$mirror" 3>&- 8>&- 9>&- \
    || die "cannot unpack Debian $SUITE for $architecture from the mirror that apt uses"
  ldconfig -r "$target" 2>/dev/null || true
  [[ -e $target/usr/bin/sh ]] || ln -s busybox "$target/usr/bin/sh"
  rm -rf "$target"/usr/share/{doc,man,info,locale,lintian}
}

# install_debian TARGET PACKAGE...: a Debian of our own architecture, installed with all that its packages run.
install_debian() {
  local target=$1 mirror keyring
  shift
  mirror=$(debian_mirror)
  keyring=$(keyring_of "$mirror")
  local -a options=(--quiet --variant=minbase "--include=$(IFS=,; echo "$*")")
  options+=("--dpkgopt=path-exclude=/usr/share/doc/*" "--dpkgopt=path-exclude=/usr/share/man/*" "--dpkgopt=path-exclude=/usr/share/locale/*")
  [[ -z $keyring ]] || options+=("--keyring=$keyring")
  mapfile -t -O "${#options[@]}" options < <(apt_options)
  mkdir -p "$target"
  quietly mmdebstrap "${options[@]}" "$SUITE" "$target" "$mirror" 3>&- 8>&- 9>&- \
    || die "cannot install Debian $SUITE from the mirror that apt uses"
}

# cached NAME MAKER ARGUMENT...: prints the path of a cached directory; when it is
# not there, MAKER fills an empty one, which takes its place only when complete.
# Call it where `set -e` counts (never before || or in an if), or MAKER's failures pass.
cached() {
  local path=$CACHE/$1 maker=$2 unfinished
  shift 2
  mkdir -p "$CACHE"
  (
    exec 8>>"$path.lock"
    flock 8
    [[ ! -d $path ]] || exit 0
    unfinished=$path.unfinished
    rm -rf --one-file-system "$unfinished"
    mkdir -p "$unfinished"
    "$maker" "$unfinished" "$@" >&2
    mv "$unfinished" "$path"
  )
  printf '%s\n' "$path"
}
