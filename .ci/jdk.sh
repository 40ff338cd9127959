# shellcheck shell=bash
# Sourced: chooses a JDK of version 25 or later, exports JAVA_HOME and PATH.
# Order: JAVA_HOME, java on the PATH, /usr/lib/jvm, then a package of apt's sources.

sheaf_jdk_fits() { # HOME: a JDK (not a JRE) of 25 or later
  local version
  [[ -n $1 && -x $1/bin/javac && -x $1/bin/java ]] || return 1
  version=$(sed -n 's/^JAVA_VERSION="\([0-9]*\).*/\1/p' "$1/release" 2>/dev/null)
  [[ -n $version ]] || version=$("$1/bin/javac" -version 2>&1 | sed -n 's/^javac \([0-9]*\).*/\1/p')
  ((${version:-0} >= 25))
}

sheaf_find_jdk() {
  local home javac
  javac=$(command -v javac 2>/dev/null) && javac=$(readlink -f "$javac")
  for home in "${JAVA_HOME:-}" "${javac%/bin/javac}" /usr/lib/jvm/*; do
    if sheaf_jdk_fits "$home"; then
      (cd "$home" && pwd -P)
      return
    fi
  done
  return 1
}

sheaf_install_jdk() {
  local package
  [[ $EUID -eq 0 ]] && command -v apt-get >/dev/null || return 1
  for package in openjdk-25-jdk-headless temurin-25-jdk; do
    if [[ -n $(apt-cache show --no-all-versions "$package" 2>/dev/null) ]]; then
      echo "installing $package" >&2
      DEBIAN_FRONTEND=noninteractive apt-get install -y -qq --no-install-recommends "$package" >/dev/null && return
    fi
  done
  return 1
}

sheaf_choose_jdk() {
  local found
  if ! found=$(sheaf_find_jdk); then
    if ! sheaf_install_jdk || ! found=$(sheaf_find_jdk); then
      echo "Sheaf needs a JDK 25 or later: set JAVA_HOME to one (none in JAVA_HOME, PATH, /usr/lib/jvm or apt's sources)" >&2
      return 1
    fi
  fi
  export JAVA_HOME=$found
  export PATH=$JAVA_HOME/bin:$PATH
}

sheaf_choose_jdk
