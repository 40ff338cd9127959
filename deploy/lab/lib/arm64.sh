# shellcheck shell=bash
# ARM64 hosts: whole machines, emulated down to the CPU, with a kernel, a Debian and a Docker Engine of their own. What
# runs inside finds an ARM64 host: its kernel is ARM64, and nothing there translates single programs.
# They are slow (about a tenth of a real one) and take a core while they work.

ARM64_EMULATOR_PACKAGES=(qemu-system-arm)
ARM64_HOST_PACKAGES=(linux-image-cloud-arm64 docker.io docker-cli dropbear-bin iptables kmod ca-certificates busybox-static
  libstdc++6 zlib1g bash coreutils base-files base-passwd)
ARM64_MEMORY=1536 # MiB
ARM64_DISK=4G     # sparse; about 0.7 GB are used
ARM64_BOOT=240    # seconds until its engine answers; about 40 on a machine that has nothing else to do

make_arm64_emulator() { # TARGET
  say "unpacking the ARM64 emulator from Debian $SUITE (once per machine)"
  unpack_debian "$1/root" "$(dpkg --print-architecture)" "${ARM64_EMULATOR_PACKAGES[@]}"
  # Firmware and tools for machines that are not ours.
  find "$1/root/usr/bin" "$1/root/usr/share/qemu" "$1/root/boot" -type f ! -name qemu-system-aarch64 ! -path '*/keymaps/*' -delete 2>/dev/null || true
}

arm64_emulator() {
  cached "arm64-emulator-$SUITE-$(hash_of "${ARM64_EMULATOR_PACKAGES[@]}" "$(declare -f make_arm64_emulator unpack_debian)")" make_arm64_emulator
}

# The tree is made without running a program of it, and the disk without a loop device.
make_arm64_host() { # TARGET
  say "unpacking an ARM64 host from Debian $SUITE (once per machine)"
  need depmod kmod mkfs.ext4 e2fsprogs xz xz-utils
  local tree=$1/tree version
  unpack_debian "$tree" arm64 "${ARM64_HOST_PACKAGES[@]}"
  version=$(cd "$tree/usr/lib/modules" && echo *)
  mv "$tree/boot/vmlinuz-$version" "$1/kernel"
  find "$tree/usr/lib/modules" -name '*.ko.xz' -exec xz -d {} +
  quietly depmod -b "$tree" "$version"
  # Dropbear lets in whose shell the C library lists, and without /etc/shells that is /bin/sh.
  sed 's|/bin/bash|/bin/sh|' "$tree/usr/share/base-passwd/passwd.master" >"$tree/etc/passwd"
  cp "$tree/usr/share/base-passwd/group.master" "$tree/etc/group"
  printf 'docker:x:900:\n' >>"$tree/etc/group"
  mkdir -p "$tree/etc/ssl/certs" "$tree/etc/docker" "$tree/etc/dropbear" "$tree/var/log"
  cat "$tree"/usr/share/ca-certificates/mozilla/*.crt >"$tree/etc/ssl/certs/ca-certificates.crt"
  printf '{"features": {"containerd-snapshotter": true}, "ipv6": false, "ip6tables": false}\n' >"$tree/etc/docker/daemon.json"
  local name
  for name in iptables iptables-save iptables-restore; do
    ln -sf xtables-nft-multi "$tree/usr/sbin/$name"
  done
  install -m 755 "$HERE/lib/arm64-init" "$tree/usr/sbin/lab-init"
  install -m 755 "$HERE/lib/arm64-forward" "$tree/usr/sbin/lab-forward"
  rm -rf "${tree:?}"/{boot,var/cache,var/lib/apt}/* "$tree"/usr/share/{bash-completion,zsh,perl5,perl,initramfs-tools}
  truncate -s "$ARM64_DISK" "$1/disk"
  quietly mkfs.ext4 -q -F -L arm64 -d "$tree" "$1/disk"
  rm -rf --one-file-system "$tree"
}

arm64_host() {
  cached "arm64-host-$SUITE-$(hash_of "${ARM64_HOST_PACKAGES[@]}" "$ARM64_DISK" "$(declare -f make_arm64_host unpack_debian)" \
    "$(cat "$HERE"/lib/arm64-{init,forward})")" make_arm64_host
}

arm64_address() { printf '127.0.0.1:%s\n' "$(cat "$LAB/arm64/$1/port")"; } # NAME: of its shell's server

arm64_is_ready() { grep -q 'lab: the host is ready' "$LAB/logs/arm64-$1.log"; } # NAME

arm64_settled() { # NAME: it is ready, or has died
  arm64_is_ready "$1" || grep -q 'dockerd has ended' "$LAB/logs/arm64-$1.log" \
    || ! pid_in "$LAB/run/arm64-$1.pid" >/dev/null
}

# start_arm64 NAME: an existing one keeps its disk. The lab's registries of that moment have the same addresses inside.
start_arm64() {
  local name=$1 state=$LAB/arm64/$1 log=$LAB/logs/arm64-$1.log host emulator
  pid_in "$LAB/run/arm64-$name.pid" >/dev/null && arm64_is_ready "$name" && return
  [[ $(dpkg --print-architecture) != arm64 ]] || die "this machine is an ARM64 host itself; use its engine"
  need ssh openssh-client
  emulator=$(arm64_emulator)
  host=$(arm64_host)
  mkdir -p "$state"
  [[ -s $state/key ]] || quietly ssh-keygen -q -t ed25519 -N '' -C lab -f "$state/key"
  [[ -s $state/disk ]] || cp --sparse=always --reflink=auto "$host/disk" "$state/disk"
  printf '%s\n' "$(free_port)" >"$state/port"
  : >"$log"
  local ports=() registry
  for registry in "$LAB"/registry/*/port; do
    [[ ! -s $registry ]] || ports+=("$(cat "$registry")")
  done
  local append="root=/dev/nvme0n1 rw console=ttyAMA0 quiet panic=-1 init=/usr/sbin/lab-init lab.name=$name"
  append+=" lab.key=$(cut -d' ' -f2 "$state/key.pub") lab.clock=$(date +%s) lab.forward=$(IFS=,; echo "${ports[*]}")"
  local root=$emulator/root libraries
  libraries=$root/usr/lib/$(uname -m)-linux-gnu
  # Its own libraries: those of this machine may be older.
  start_process "$LAB/run/arm64-$name.pid" "$log" "$root"/usr/lib64/ld-linux-*.so.2 --library-path "$libraries" \
    "$root/usr/bin/qemu-system-aarch64" -L "$root/usr/share/qemu" -nodefaults -no-user-config -display none -no-reboot \
    -M virt,gic-version=3 -cpu neoverse-n1 -smp 1 -m "$ARM64_MEMORY" -accel tcg,thread=multi,tb-size=512 \
    -kernel "$host/kernel" -append "$append" -serial stdio -device virtio-rng-pci \
    -drive "if=none,id=disk,format=raw,cache=unsafe,file=$state/disk" -device nvme,serial=disk,drive=disk \
    -netdev "user,id=net,hostfwd=tcp:$(arm64_address "$name")-:22" -device virtio-net-pci,netdev=net,romfile=
  wait_until "$ARM64_BOOT" arm64_settled "$name" || true
  if ! arm64_is_ready "$name"; then
    tail -n 20 "$log" >&2
    die "the ARM64 host $name is not ready within $ARM64_BOOT s (above); see $log"
  fi
}

# in_arm64 NAME COMMAND...: runs it there as root, with our standard streams; its exit code is ours.
in_arm64() {
  local name=$1
  shift
  pid_in "$LAB/run/arm64-$name.pid" >/dev/null || die "$name does not run; start it with: lab arm64 $LAB $name"
  ssh -i "$LAB/arm64/$name/key" -p "$(cat "$LAB/arm64/$name/port")" -o LogLevel=ERROR -o BatchMode=yes \
    -o ConnectTimeout=20 -o ServerAliveInterval=15 \
    -o StrictHostKeyChecking=no -o UserKnownHostsFile=/dev/null -F /dev/null root@127.0.0.1 "$(printf '%q ' "$@")"
}

stop_arm64() { # NAME [gently]
  local pid
  if pid=$(pid_in "$LAB/run/arm64-$1.pid"); then
    if [[ ${2:-} == gently ]]; then
      # Nothing there turns the power off in good order; what was written is on the disk after this.
      in_arm64 "$1" sh -c 'busybox pkill dockerd; busybox sleep 5; busybox sync' || true
    fi
    end_process "$pid"
  fi
  rm -f "$LAB/run/arm64-$1.pid"
}
