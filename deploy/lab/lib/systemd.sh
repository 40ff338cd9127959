# shellcheck shell=bash
# Debian hosts that systemd runs: packages installed as anywhere, services, users, a journal, a Docker Engine of the
# distribution's own unit, and cloud-init. Each in namespaces of its own, on this machine's kernel and network.

SYSTEMD_PACKAGES=(systemd systemd-sysv dbus docker.io docker-cli cloud-init ca-certificates curl iptables)
SYSTEMD_BOOT=120 # seconds until nothing is being started any more; about 5 on a machine that has nothing else to do
# What would reach the kernel, the network or the console of this machine.
SYSTEMD_MASKED=(console-getty getty@tty1 systemd-sysctl systemd-binfmt systemd-networkd systemd-networkd.socket
  systemd-resolved systemd-timesyncd systemd-modules-load systemd-random-seed systemd-udevd
  apt-daily.timer apt-daily-upgrade.timer networking)

make_systemd_tree() { # TARGET
  say "installing a Debian $SUITE with systemd (once per machine)"
  install_debian "$1/root" "${SYSTEMD_PACKAGES[@]}"
  local unit
  for unit in "${SYSTEMD_MASKED[@]}"; do
    [[ $unit == *.* ]] || unit=$unit.service
    ln -sf /dev/null "$1/root/etc/systemd/system/$unit"
  done
  printf 'network: {config: disabled}\n' >"$1/root/etc/cloud/cloud.cfg.d/99-lab.cfg"
  rm -f "$1/root/etc/machine-id" "$1/root/etc/hostname"
}

systemd_tree() {
  local made
  made=$(cached "systemd-$SUITE-$(dpkg --print-architecture)-$(hash_of "${SYSTEMD_PACKAGES[@]}" "${SYSTEMD_MASKED[@]}" \
    "$(declare -f make_systemd_tree install_debian)")" make_systemd_tree)
  printf '%s/root\n' "$made"
}

# The pid, seen from this machine, of its first process: the child of unshare, for which a shell waits.
systemd_init() { # NAME
  local outer unshare
  outer=$(pid_in "$LAB/run/systemd-$1.pid") && unshare=$(first_child_of "$outer") && first_child_of "$unshare"
}

first_child_of() { children_of "$1" | awk 'NF && !n++ {print $1} END {exit !n}'; } # PID

# in_systemd NAME COMMAND...: runs it there as root, with our standard streams; its exit code is ours.
in_systemd() {
  local init
  init=$(systemd_init "$1") || die "$1 does not run; start it with: lab systemd $LAB $1"
  shift
  env -i PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin HOME=/root LANG=C.UTF-8 \
    nsenter --target "$init" --mount --pid --uts --ipc --cgroup --root "--wd=/proc/$init/root" -- "$@"
}

systemd_listens() { (in_systemd "$1" test -S /run/systemd/private); } # NAME

# start_systemd NAME SEED: an existing one keeps its disk. SEED is empty, or a directory with what cloud-init is to find.
start_systemd() {
  local name=$1 seed=$2 state=$LAB/systemd/$1 log=$LAB/logs/systemd-$1.log
  systemd_init "$name" >/dev/null && return
  local tree
  tree=$(systemd_tree)
  mkdir -p "$state"/{changes,work,root} "$state/changes/etc/cloud"
  make_bridge "$state"
  if [[ -n $seed ]]; then
    mkdir -p "$state/changes/var/lib/cloud/seed"
    cp -r "$seed" "$state/changes/var/lib/cloud/seed/nocloud"
  else
    touch "$state/changes/etc/cloud/cloud-init.disabled"
  fi
  start_process "$LAB/run/systemd-$name.pid" "$log" bash "$HERE/lib/systemd-namespace.sh" \
    "$tree" "$state" "$name" "sheaf-lab-$LAB_ID"
  wait_until 20 systemd_listens "$name" || die "systemd does not come up in $name; see $log"
  # Degraded is what a host is where this machine forbids something to one of Debian's own units.
  timeout "$SYSTEMD_BOOT" "$HERE/lab" run "$LAB" "$name" systemctl is-system-running --wait >/dev/null || true
}

stop_systemd() { # NAME [gently]
  local name=$1 init pid
  if init=$(systemd_init "$name"); then
    # SIGRTMIN+4 is systemd's "power off".
    [[ ${2:-} != gently ]] || { kill -s RTMIN+4 "$init" && wait_until 60 gone "$init"; } || true
    end_process "$init"
  fi
  if pid=$(pid_in "$LAB/run/systemd-$name.pid"); then
    end_process "$pid"
  fi
  rm -f "$LAB/run/systemd-$name.pid"
  remove_bridges "$LAB/systemd/$name"
}
