#!/bin/bash
# systemd-namespace.sh ROOT STATE NAME CGROUP: a Debian whose first process is systemd, in namespaces of its own. What it
# changes it keeps below STATE. Its network is this machine's, and so is its kernel, whose settings it cannot change.
set -euo pipefail
tree=$1 state=$2 name=$3 cgroup=$4

if [[ ${5:-} != inside ]]; then
  # A control group of its own, which is the topmost that it sees.
  groups=$(awk '/ - cgroup2 / {print $5; exit}' /proc/self/mountinfo)
  [[ -n $groups ]] || { echo "this machine has no control groups of version 2 mounted" >&2; exit 1; }
  mkdir -p "$groups/$cgroup/$name"
  echo $$ >"$groups/$cgroup/$name/cgroup.procs"
  unshare --mount --pid --uts --ipc --cgroup --fork --kill-child bash "$0" "$tree" "$state" "$name" "$cgroup" inside &
  # Whoever waits stays outside: a group with processes of its own gives its groups no controllers.
  echo $$ >"$groups/cgroup.procs"
  wait $!
  exit
fi

mount --make-rprivate /
root=$state/root
mount -t overlay -o "lowerdir=$tree,upperdir=$state/changes,workdir=$state/work" overlay "$root"
mkdir "$root/.host"
# Both mount overlays, which cannot lie on another one.
for engine in docker containerd; do
  mkdir -p "$state/$engine" "$root/var/lib/$engine"
  mount --bind "$state/$engine" "$root/var/lib/$engine"
done
mount -t proc -o nosuid,nodev,noexec proc "$root/proc"
mount --bind "$root/proc/sys" "$root/proc/sys"
mount -o remount,bind,ro "$root/proc/sys"
mount --bind "$root/proc/sys/net" "$root/proc/sys/net"
mount -o remount,bind,rw "$root/proc/sys/net"
mount -t sysfs -o ro,nosuid,nodev,noexec sysfs "$root/sys"
mount -t cgroup2 -o nosuid,nodev,noexec cgroup2 "$root/sys/fs/cgroup"
mount -t tmpfs -o mode=755,nosuid tmpfs "$root/dev"
mount -t tmpfs -o mode=755,nosuid,nodev tmpfs "$root/run"
for device in null zero full random urandom tty; do
  touch "$root/dev/$device"
  mount --bind "/dev/$device" "$root/dev/$device"
done
mkdir "$root"/dev/{pts,shm}
mount -t devpts -o newinstance,ptmxmode=0666,mode=620,gid=5,nosuid,noexec devpts "$root/dev/pts"
mount -t tmpfs -o mode=1777,nosuid,nodev tmpfs "$root/dev/shm"
ln -s pts/ptmx "$root/dev/ptmx"
ln -s /proc/self/fd "$root/dev/fd"
for number in 0 1 2; do
  ln -s "/proc/self/fd/$number" "$root/dev/$(cut -d' ' -f$((number + 1)) <<<'stdin stdout stderr')"
done

# Names are looked up as here, on the bridge that the lab has made, and the firewall stays as it is.
rm -f "$root/etc/resolv.conf"
cat /etc/resolv.conf >"$root/etc/resolv.conf" 2>/dev/null || true
printf '127.0.0.1 localhost %s\n' "$name" >"$root/etc/hosts"
printf '%s\n' "$name" >"$root/etc/hostname"
[[ -s $root/etc/machine-id ]] || tr -d - </proc/sys/kernel/random/uuid >"$root/etc/machine-id"
mkdir -p "$root/etc/systemd/system/docker.service.d"
printf '[Service]\nExecStart=\nExecStart=/usr/sbin/dockerd -H fd:// --containerd=/run/containerd/containerd.sock %s %s\n' \
  "--bridge=$(cat "$state/bridge")" '--iptables=false --ip6tables=false --ip-forward=false --ip-masq=false' \
  >"$root/etc/systemd/system/docker.service.d/lab.conf"
hostname "$name"

cd "$root"
pivot_root . .host
# systemd hears from this variable that it is not on a machine by itself.
exec env -i container=lab PATH=/usr/sbin:/usr/bin:/sbin:/bin sh -c '
  cd /
  umount -l /.host
  rmdir /.host
  exec /usr/lib/systemd/systemd --show-status=no'
