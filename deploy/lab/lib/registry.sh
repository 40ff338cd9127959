# shellcheck shell=bash
# Registries: Debian's package of CNCF distribution, one process each, loopback only.

registry_address() { printf '127.0.0.1:%s\n' "$(cat "$LAB/registry/$1/port")"; } # NAME

registry_answers() { # NAME: 200, or 401 when it asks for credentials
  [[ $(curl -s --max-time 2 -o /dev/null -w '%{http_code}' "http://$(registry_address "$1")/v2/") == @(200|401) ]]
}

# start_registry NAME PORT|'' AUTH-SECTION: an existing one keeps its port and data.
start_registry() {
  local name=$1 port=$2 auth=$3 state=$LAB/registry/$1 log=$LAB/logs/registry-$1.log
  mkdir -p "$state/data"
  if pid_in "$LAB/run/registry-$name.pid" >/dev/null && registry_answers "$name"; then
    return
  fi
  [[ -n $port || ! -s $state/port ]] || port=$(cat "$state/port")
  local binary tries=5
  binary=$(engine_tree)/usr/bin/docker-registry
  [[ -z $port ]] || tries=1
  while ((tries--)); do
    printf '%s\n' "${port:-$(free_port)}" >"$state/port"
    ! port_is_taken "$(cat "$state/port")" || die "port $(cat "$state/port") is taken"
    write_registry_configuration "$name" "$auth"
    start_process "$LAB/run/registry-$name.pid" "$log" "$binary" serve "$state/config.yml"
    if wait_until 10 registry_settled "$name" && registry_answers "$name"; then
      return
    fi
    stop_registry "$name"
  done
  die "registry $name does not start; see $log"
}

registry_settled() { # NAME: it answers, or has died (its port was taken)
  registry_answers "$1" || ! pid_in "$LAB/run/registry-$1.pid" >/dev/null
}

write_registry_configuration() { # NAME AUTH-SECTION
  local state=$LAB/registry/$1
  [[ -z $2 && -s $state/auth.yml ]] || printf '%s\n' "$2" >"$state/auth.yml"
  cat >"$state/config.yml" <<EOF
version: 0.1
log:
  level: info
storage:
  filesystem:
    rootdirectory: $state/data
  delete:
    enabled: true
http:
  addr: $(registry_address "$1")
  secret: $(hash_of "$state" "$RANDOM")
$(cat "$state/auth.yml")
EOF
}

# htpasswd_auth NAME USER:PASSWORD: bcrypt is all that distribution accepts, and
# perl, which every Debian has, knows it through crypt(3).
htpasswd_auth() {
  local state=$LAB/registry/$1 user=${2%%:*} password=${2#*:} salt
  [[ $2 == ?*:?* ]] || die "--htpasswd wants USER:PASSWORD"
  mkdir -p "$state"
  # Exactly 16 bytes of salt, in the alphabet of crypt: the last digit is one of four.
  salt=$(head -c 32 /dev/urandom | base64 -w 0 | tr -d '+/=' | cut -c1-21)u
  printf '%s:%s\n' "$user" "$(perl -e 'chomp(my $p = <STDIN>); print crypt($p, shift)' "\$2a\$05\$$salt" <<<"$password")" >"$state/htpasswd"
  printf 'auth:\n  htpasswd:\n    realm: sheaf-lab\n    path: %s\n' "$state/htpasswd"
}

token_auth() { # REALM SERVICE ISSUER CERTIFICATES
  [[ -n $1 && -n $2 && -n $3 ]] || die "token authentication wants --token-realm, --token-service and --token-issuer"
  [[ -r $4 ]] || die "--token-certs wants a readable file of PEM certificates"
  printf 'auth:\n  token:\n    realm: %s\n    service: %s\n    issuer: %s\n    rootcertbundle: %s\n' "$1" "$2" "$3" "$(realpath "$4")"
}

stop_registry() { # NAME
  local pid
  if pid=$(pid_in "$LAB/run/registry-$1.pid"); then
    end_process "$pid"
  fi
  rm -f "$LAB/run/registry-$1.pid"
}
