# shellcheck shell=bash
# What every part of the lab uses: messages, locks, packages, and processes that
# outlive the shell that started them. Sourced by ../lab.

say() { printf 'lab: %s\n' "$*" >&2; }

die() {
  say "$*"
  exit 1
}

# Runs "$@" quietly; shows what it printed only when it fails.
quietly() {
  local out
  if ! out=$("$@" 2>&1); then
    printf '%s\n' "$out" >&2
    return 1
  fi
}

hash_of() { printf '%s' "$*" | sha256sum | cut -c1-"${HASH_LENGTH:-8}"; }

# take_lock FILE: held until this shell ends. Children that stay must be started
# through start_process, which closes it; otherwise they would hold it for ever.
take_lock() {
  exec 9>>"$1"
  flock -w 300 9 || die "another lab command has held $1 for five minutes"
}

require_root_on_debian() {
  [[ $(uname -s) == Linux ]] || die "the lab needs Linux; this is $(uname -s)"
  [[ $EUID -eq 0 ]] || die "the lab needs root: it starts a Docker Engine, and mounts; run it with sudo"
  command -v apt-get >/dev/null || die "the lab needs Debian: it makes its engine from Debian packages, and there is no apt-get here"
}

# need COMMAND PACKAGE ...: installs the packages whose commands are not there.
need() {
  local missing=()
  while (($#)); do
    command -v "$1" >/dev/null || missing+=("$2")
    shift 2
  done
  ((${#missing[@]})) || return 0
  say "installing ${missing[*]}"
  apt_install "${missing[@]}"
}

apt_install() {
  local -a install=(env DEBIAN_FRONTEND=noninteractive apt-get install -y -qq --no-install-recommends "$@")
  quietly "${install[@]}" 2>/dev/null && return
  quietly apt-get update -qq || die "apt-get update failed"
  quietly "${install[@]}" || die "cannot install $*"
}

# --- processes -------------------------------------------------------------
# A pid file holds "PID START": the number alone may belong to another process
# after a crash or a reboot.

start_time_of() { # PID
  local stat
  stat=$(cat "/proc/$1/stat" 2>/dev/null) || return 1
  stat=${stat##*) } # the name may hold blanks; state comes first after it
  local -a fields
  read -r -a fields <<<"$stat"
  [[ ${fields[0]} != Z ]] || return 1
  printf '%s\n' "${fields[19]}"
}

pid_in() { # PIDFILE: prints the pid if that very process runs
  local pid start
  [[ -s $1 ]] && read -r pid start <"$1" && [[ $(start_time_of "$pid") == "$start" ]] && printf '%s\n' "$pid"
}

children_of() { cat /proc/"$1"/task/*/children 2>/dev/null; } # PID

# start_process PIDFILE LOG COMMAND...: in a session of its own, with an empty
# environment but for the mark by which `down` finds it whatever happened, and
# without any open file of ours: the locks and pipes of who calls the lab end
# with the call.
start_process() {
  local pidfile=$1 log=$2
  shift 2
  rm -f "$pidfile"
  # shellcheck disable=SC2016 # expanded by the inner shell
  env -i PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin HOME=/root "SHEAF_LAB_DIR=$LAB" \
    setsid bash -c '
      stat=$(<"/proc/$$/stat"); stat=${stat##*) }; read -r -a fields <<<"$stat"
      echo "$$ ${fields[19]}" >"$0.new"; mv "$0.new" "$0"
      for file in /proc/$$/fd/*; do
        number=${file##*/}
        ((number <= 2)) || eval "exec $number>&-"
      done
      exec "$@"' "$pidfile" "$@" </dev/null >>"$log" 2>&1 &
  disown
  wait_until 10 test -s "$pidfile" || die "could not start $1; see $log"
}

wait_until() { # SECONDS COMMAND...
  local end=$((SECONDS + $1))
  shift
  until "$@" >/dev/null 2>&1; do
    ((SECONDS < end)) || return 1
    sleep 0.05
  done
}

gone() { ! start_time_of "$1" >/dev/null; } # PID

end_process() { # PID [SIGNAL]
  local pid=$1 signal=${2:-KILL}
  kill -s "$signal" "$pid" 2>/dev/null || return 0
  wait_until 15 gone "$pid" || kill -s KILL "$pid" 2>/dev/null || true
  wait_until 5 gone "$pid" || die "process $pid does not end"
}

# Processes that carry this lab's mark, by pid file or not.
marked_processes() {
  local file pid
  for file in /proc/[0-9]*/environ; do
    pid=${file#/proc/}
    pid=${pid%/environ}
    [[ $pid != "$$" ]] || continue
    if grep -qzxF "SHEAF_LAB_DIR=$LAB" "$file" 2>/dev/null; then
      printf '%s\n' "$pid"
    fi
  done
}

# --- ports -----------------------------------------------------------------

port_is_taken() { (exec 3<>"/dev/tcp/127.0.0.1/$1") 2>/dev/null; }

# Below the range that the kernel hands out for outgoing connections.
free_port() {
  local port
  for _ in {1..50}; do
    port=$((20000 + RANDOM % 12000))
    port_is_taken "$port" || { printf '%s\n' "$port"; return; }
  done
  die "found no free port on 127.0.0.1"
}
