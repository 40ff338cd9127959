#!/bin/bash
# engine-namespace.sh ROOT STATE: turns the fresh mount and process namespaces it
# is started in (unshare --mount --pid --fork) into a small machine for a Docker
# Engine, whose first process then waits for ever.
#
# Everything the engine mounts, it mounts in here. When the first process dies the
# kernel kills all the others and drops all the mounts: the host never sees them,
# and a killed engine leaves nothing behind to unmount.
set -euo pipefail
tree=$1 state=$2

mount --make-rprivate /
scratch=$state/machine
mkdir -p "$scratch"
mount -t tmpfs -o mode=755 sheaf-lab "$scratch"
mkdir "$scratch"/{changes,work,root}

# The cached tree stays as it is; what is written beside $state is forgotten. The
# overlay also is the mount point that runc insists on having as its root.
root=$scratch/root
mount -t overlay -o "lowerdir=$tree,upperdir=$scratch/changes,workdir=$scratch/work" overlay "$root"
mount -t proc proc "$root/proc"
mount --rbind /sys "$root/sys"
mount --rbind /dev "$root/dev"
mkdir -p "$root$state" "$root/.host"
mount --bind "$state" "$root$state"

for file in resolv.conf hosts ssl/certs/ca-certificates.crt; do
  if [[ -r /etc/$file ]]; then
    rm -f "$root/etc/$file"
    cat "/etc/$file" >"$root/etc/$file"
  fi
done

cd "$root"
pivot_root . .host
exec /bin/busybox sh -c '
  cd /
  /bin/busybox umount -l /.host
  /bin/busybox rmdir /.host
  exec /usr/bin/docker-init -s -- /bin/busybox sleep 2000000000'
