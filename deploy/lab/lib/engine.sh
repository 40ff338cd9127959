# shellcheck shell=bash
# Docker Engines, each in namespaces of its own (see engine-namespace.sh).

ENGINE_PACKAGES=(docker.io docker-cli docker-buildx docker-registry git ca-certificates iptables
  base-files base-passwd busybox-static)

make_engine_tree() { # TARGET
  say "unpacking a Docker Engine from Debian $SUITE (once per machine)"
  unpack_debian "$1/root" "$(dpkg --print-architecture)" "${ENGINE_PACKAGES[@]}"
  local root=$1/root
  cp "$root/usr/share/base-passwd/passwd.master" "$root/etc/passwd"
  cp "$root/usr/share/base-passwd/group.master" "$root/etc/group"
  mkdir -p "$root/etc/ssl/certs"
  cat "$root"/usr/share/ca-certificates/mozilla/*.crt >"$root/etc/ssl/certs/ca-certificates.crt"
}

engine_tree() {
  local made
  made=$(cached "engine-$SUITE-$(dpkg --print-architecture)-$(hash_of "${ENGINE_PACKAGES[@]}" "$(declare -f make_engine_tree unpack_debian)")" make_engine_tree)
  printf '%s/root\n' "$made"
}

# Docker Engine 20.10, which knows the classic image store only and is what Debian 12 has still.
OLD_SUITE=bookworm
OLD_ENGINE_PACKAGES=(docker.io git ca-certificates iptables base-files base-passwd busybox-static)

make_old_engine_tree() { # TARGET
  say "unpacking a Docker Engine from Debian $OLD_SUITE (once per machine)"
  SUITE=$OLD_SUITE unpack_debian "$1/root" "$(dpkg --print-architecture)" "${OLD_ENGINE_PACKAGES[@]}"
  local root=$1/root
  cp "$root/usr/share/base-passwd/passwd.master" "$root/etc/passwd"
  cp "$root/usr/share/base-passwd/group.master" "$root/etc/group"
  mkdir -p "$root/etc/ssl/certs"
  cat "$root"/usr/share/ca-certificates/mozilla/*.crt >"$root/etc/ssl/certs/ca-certificates.crt"
  # Where the newer package has it; this suite keeps /bin apart from /usr/bin.
  [[ -e $root/usr/bin/docker-init ]] || ln -s tini-static "$root/usr/bin/docker-init"
  [[ -e $root/bin/sh ]] || ln -s busybox "$root/bin/sh"
}

old_engine_tree() {
  local made
  made=$(cached "engine-$OLD_SUITE-$(dpkg --print-architecture)-$(hash_of "${OLD_ENGINE_PACKAGES[@]}" "$(declare -f make_old_engine_tree unpack_debian)")" make_old_engine_tree)
  printf '%s/root\n' "$made"
}

engine_socket() { printf '%s/engine/%s/docker.sock\n' "$LAB" "$1"; } # NAME

engine_answers() { # NAME
  [[ $(curl -sf --max-time 2 --unix-socket "$(engine_socket "$1")" http://engine/_ping) == OK ]]
}

# The pid, seen from the host, of the first process in an engine's namespaces.
engine_init() { # NAME
  local outer
  outer=$(pid_in "$LAB/run/engine-$1.pid") && children_of "$outer" | awk 'NF && !n++ {print $1} END {exit !n}'
}

# The pid, seen from the host, of dockerd: what nsenter started and waits for.
engine_daemon() { # NAME
  local outer
  outer=$(pid_in "$LAB/run/engine-$1.daemon.pid") && children_of "$outer" | awk 'NF && !n++ {print $1} END {exit !n}'
}

# start_engine NAME containerd|classic|old: brings up what of the engine is not up already.
start_engine() {
  local name=$1 store=$2 state=$LAB/engine/$1 log=$LAB/logs/engine-$1.log
  engine_answers "$name" && return
  ((${#state} + 12 < 100)) || die "$LAB is too long a path for a unix socket below it"
  mkdir -p "$state/data"
  make_bridge "$state"
  write_engine_configuration "$name" "$store"
  if ! engine_init "$name" >/dev/null; then
    local tree
    if [[ $store == old ]]; then
      tree=$(old_engine_tree)
    else
      tree=$(engine_tree)
    fi
    start_process "$LAB/run/engine-$name.pid" "$log" \
      unshare --mount --pid --fork --kill-child bash "$HERE/lib/engine-namespace.sh" "$tree" "$state"
    wait_until 20 engine_is_inside "$name" || die "the namespaces of engine $name did not come up; see $log"
  fi
  start_daemon "$name"
}

engine_is_inside() { # NAME: its first process has arrived at its last program
  [[ $(tr '\0' ' ' <"/proc/$(engine_init "$1")/cmdline") == */docker-init* ]]
}

start_daemon() { # NAME
  local name=$1 state=$LAB/engine/$1 log=$LAB/logs/engine-$1.log init
  init=$(engine_init "$name")
  # A containerd that outlived its dockerd makes the next start fail: dockerd
  # waits 15 s for it. The containers themselves go on; they hang on their shims.
  local pid
  for pid in $(processes_inside "$init" containerd); do
    end_process "$pid"
  done
  rm -f "$state/docker.sock"
  start_process "$LAB/run/engine-$name.daemon.pid" "$log" \
    nsenter --target "$init" --mount --pid --root --wd -- /usr/sbin/dockerd --config-file "$state/daemon.json"
  wait_until 40 engine_answers "$name" || die "engine $name does not answer; see $log"
}

processes_inside() { # INIT COMMAND: pids of that name in the namespaces of INIT
  local directory namespace
  namespace=$(readlink "/proc/$1/ns/pid")
  for directory in /proc/[0-9]*; do
    [[ $(readlink "$directory/ns/pid" 2>/dev/null) == "$namespace" ]] || continue
    [[ $(cat "$directory/comm" 2>/dev/null) != "$2" ]] || printf '%s\n' "${directory#/proc/}"
  done
}

write_engine_configuration() { # NAME containerd|classic|old
  local state=$LAB/engine/$1 features='"containerd-snapshotter": true'
  [[ $2 == containerd ]] || features=
  printf '%s\n' "$2" >"$state/store"
  cat >"$state/daemon.json" <<EOF
{
  "hosts": ["unix://$state/docker.sock"],
  "data-root": "$state/data",
  "exec-root": "/run/docker",
  "pidfile": "/run/docker.pid",
  "features": {$features},
  "bridge": "$(cat "$state/bridge")",
  "iptables": false,
  "ip6tables": false,
  "ip-forward": false,
  "ip-masq": false,
  "userland-proxy": false,
  "insecure-registries": ["127.0.0.0/8", "localhost", "::1/128"],
  "exec-opts": ["native.cgroupdriver=cgroupfs"],
  "cgroup-parent": "/sheaf-lab-$LAB_ID",
  "shutdown-timeout": 3
}
EOF
}

# --- the bridge ------------------------------------------------------------
# BuildKit runs RUN steps on the network "bridge" unless told otherwise, and an
# engine without one fails them ("network bridge not found"). Ours leads nowhere:
# no rule of the host's firewall changes. A step that needs the network asks for
# --network host. The addresses are those reserved for benchmarks (RFC 2544).

make_bridge() { # STATE
  local file=$1/bridge link number=0 subnet
  if [[ -s $file ]] && [[ -d /sys/class/net/$(cat "$file") ]]; then
    return
  fi
  (
    exec 8>>"$CACHE/bridges.lock"
    flock 8
    while [[ -d /sys/class/net/shl$LAB_ID-$number ]]; do number=$((number + 1)); done
    link=shl$LAB_ID-$number
    subnet=$((0x${LAB_ID:0:4} % 512))
    while ip -4 addr | grep -F " 198.$((18 + subnet / 256)).$((subnet % 256)).1/24 " >/dev/null; do
      subnet=$(((subnet + 1) % 512))
    done
    ip link add name "$link" type bridge || die "this kernel makes no network bridge"
    ip addr add "198.$((18 + subnet / 256)).$((subnet % 256)).1/24" dev "$link"
    ip link set "$link" up
    printf '%s\n' "$link" >"$file"
  )
}

remove_bridges() { # [STATE]: that engine's, or all of this lab
  local link wanted=shl$LAB_ID-
  [[ -z ${1:-} ]] || wanted=$(cat "$1/bridge" 2>/dev/null || echo none)
  for link in /sys/class/net/shl"$LAB_ID"-*; do
    link=${link##*/}
    [[ -d /sys/class/net/$link && $link == "$wanted"* ]] || continue
    # A veth of a container that has just died may hold it for a moment.
    wait_until 5 ip link del "$link" || say "cannot remove the network bridge $link"
  done
}

# --- the end ---------------------------------------------------------------

stop_engine() { # NAME [gently]
  local name=$1 init daemon
  if [[ ${2:-} == gently ]] && daemon=$(engine_daemon "$name"); then
    end_process "$daemon" TERM
  fi
  if init=$(engine_init "$name"); then
    end_process "$init"
  fi
  local file pid
  for file in "$LAB/run/engine-$name.pid" "$LAB/run/engine-$name.daemon.pid"; do
    if pid=$(pid_in "$file"); then
      end_process "$pid"
    fi
    rm -f "$file"
  done
  remove_bridges "$LAB/engine/$name"
}

remove_cgroups() {
  local directory
  for directory in /sys/fs/cgroup/"sheaf-lab-$LAB_ID" /sys/fs/cgroup/*/"sheaf-lab-$LAB_ID"; do
    [[ -d $directory ]] || continue
    wait_until 5 find "$directory" -depth -type d -exec rmdir {} + || say "cannot remove the control group $directory"
  done
}
