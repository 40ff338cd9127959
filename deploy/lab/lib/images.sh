# shellcheck shell=bash
# Base images made from Debian packages, without pulling anything:
#   lab/busybox:1   busybox-static on scratch, /bin/sh and its other names as links
#   lab/gcc:1       gcc, libc6-dev, binutils, make, and busybox as the shell
# Each is one layer per platform, put into a registry as a multi-platform index.

IMAGE_PACKAGES=(gcc libc6-dev binutils make busybox-static base-files)
# shellcheck disable=SC2034 # read by ../lab
IMAGE_ARCHITECTURES=(amd64 386 arm64)
EPOCH=1735689600 # 2025-01-01: the same content gives the same digest

debian_name_of() { # GOARCH
  case $1 in
    386) echo i386 ;;
    *) echo "$1" ;;
  esac
}

# make_images TARGET ARCHITECTURE: TARGET/{busybox,gcc}/{layer,config,manifest}
make_images() {
  local target=$1 architecture=$2 tree=$1/tree applet
  say "unpacking gcc for linux/$architecture from Debian $SUITE (once per machine)"
  unpack_debian "$tree" "$(debian_name_of "$architecture")" "${IMAGE_PACKAGES[@]}"
  # What a small C program never needs, half of the size.
  rm -rf "$tree"/usr/libexec/gcc/*/*/lto1 "$tree"/usr/bin/*{lto-dump,gcov,gprof,gp-}* "$tree"/usr/lib/*/{gconv,gprofng} \
    "$tree"/usr/lib/gcc/*/*/lib{a,t,l,ub,hwa}san* "$tree"/usr/lib/*/lib{a,t,l,ub,hwa}san* "$tree"/var/{cache,lib}/{apt,dpkg}
  printf 'root:x:0:0:root:/root:/bin/sh\n' >"$tree/etc/passwd"
  printf 'root:x:0:\n' >"$tree/etc/group"
  ln -sf gcc "$tree/usr/bin/cc"

  mkdir -p "$target/scratch"/{bin,etc,root} "$target"/{busybox,gcc}
  install -m 755 "$tree/usr/bin/busybox" "$target/scratch/bin/busybox"
  install -m 1777 -d "$target/scratch/tmp"
  cp "$tree/etc/passwd" "$tree/etc/group" "$target/scratch/etc/"
  # Names from our own busybox: that of another architecture cannot run here.
  while read -r applet; do
    [[ -e $target/scratch/bin/$applet ]] || ln -s busybox "$target/scratch/bin/$applet"
    [[ -e $tree/usr/bin/$applet || -L $tree/usr/bin/$applet ]] || ln -s busybox "$tree/usr/bin/$applet"
  done < <("$(engine_tree)/usr/bin/busybox" --list)

  make_image "$target/scratch" "$target/busybox" "$architecture" "Debian busybox-static on scratch"
  make_image "$tree" "$target/gcc" "$architecture" "Debian gcc, unpacked"
  rm -rf --one-file-system "$tree" "$target/scratch"
}

digest_of() { sha256sum "$1" | cut -d' ' -f1; } # FILE

descriptor() { # MEDIA-TYPE FILE
  printf '"mediaType":"%s","digest":"sha256:%s","size":%s' "$1" "$(digest_of "$2")" "$(stat -c %s "$2")"
}

make_image() { # TREE TARGET ARCHITECTURE COMMENT
  local target=$2 content
  tar -C "$1" --sort=name --mtime="@$EPOCH" --numeric-owner --owner=0 --group=0 --exclude='./dev/*' -cf "$target/layer.tar" .
  content=$(digest_of "$target/layer.tar")
  gzip -1 -n "$target/layer.tar"
  mv "$target/layer.tar.gz" "$target/layer"
  printf '{"architecture":"%s","os":"linux","created":"%s","config":{"Env":["PATH=/usr/sbin:/usr/bin:/sbin:/bin"],"Cmd":["/bin/sh"]},"rootfs":{"type":"layers","diff_ids":["sha256:%s"]},"history":[{"created":"%s","created_by":"%s"}]}' \
    "$3" "$(date -u -d "@$EPOCH" +%FT%TZ)" "$content" "$(date -u -d "@$EPOCH" +%FT%TZ)" "$4" >"$target/config"
  printf '{"schemaVersion":2,"mediaType":"application/vnd.oci.image.manifest.v1+json","config":{%s},"layers":[{%s}]}' \
    "$(descriptor application/vnd.oci.image.config.v1+json "$target/config")" \
    "$(descriptor application/vnd.oci.image.layer.v1.tar+gzip "$target/layer")" >"$target/manifest"
}

images_for() { # ARCHITECTURE: prints the directory of its images
  cached "images-$SUITE-$1-$(hash_of "${IMAGE_PACKAGES[@]}" "$(declare -f make_images make_image unpack_debian)")" make_images "$1"
}

# push_images REGISTRY ARCHITECTURE...
push_images() {
  local registry=$1 architecture name directory jobs=()
  shift
  for architecture; do # a cold machine makes them side by side
    images_for "$architecture" >/dev/null &
    jobs+=($!)
  done
  for architecture in "${jobs[@]}"; do
    wait "$architecture" || exit 1
  done
  for name in busybox gcc; do
    local entries=()
    for architecture; do
      directory=$(images_for "$architecture")/$name
      push_blob "$registry" "lab/$name" "$directory/layer"
      push_blob "$registry" "lab/$name" "$directory/config"
      push_manifest "$registry" "lab/$name" "sha256:$(digest_of "$directory/manifest")" application/vnd.oci.image.manifest.v1+json "$directory/manifest"
      entries+=("{$(descriptor application/vnd.oci.image.manifest.v1+json "$directory/manifest"),\"platform\":{\"architecture\":\"$architecture\",\"os\":\"linux\"}}")
    done
    printf '{"schemaVersion":2,"mediaType":"application/vnd.oci.image.index.v1+json","manifests":[%s]}' "$(IFS=,; echo "${entries[*]}")" >"$LAB/run/index-$name.json"
    push_manifest "$registry" "lab/$name" 1 application/vnd.oci.image.index.v1+json "$LAB/run/index-$name.json"
    printf '%s/lab/%s:1\n' "$registry" "$name"
  done
}

push_blob() { # REGISTRY REPOSITORY FILE
  local url=http://$1/v2/$2/blobs digest location
  digest=sha256:$(digest_of "$3")
  if curl -sf --head -o /dev/null "$url/$digest"; then
    return
  fi
  location=$(curl -sSf -X POST -o /dev/null -D - "$url/uploads/" | tr -d '\r' | sed -n 's/^[Ll]ocation: //p')
  [[ $location == *\?* ]] && location+="&digest=$digest" || location+="?digest=$digest"
  curl -sSf -o /dev/null -X PUT -H 'Content-Type: application/octet-stream' -T "$3" "$location" \
    || die "cannot push a layer of $2 to $1"
}

push_manifest() { # REGISTRY REPOSITORY REFERENCE MEDIA-TYPE FILE
  curl -sSf -o /dev/null -X PUT -H "Content-Type: $4" --data-binary "@$5" "http://$1/v2/$2/manifests/$3" \
    || die "cannot push the manifest $2:$3 to $1"
}
