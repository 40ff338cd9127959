# shellcheck shell=bash
# PostgreSQL clusters, from the server that Debian's package installs: loopback only, not as root, which initdb
# refuses. User, password and database are all "sheaf"; fsync is on, as a crash must show what a real one would.

POSTGRES_USER=postgres # the package makes it

postgres_bin() { # prints the directory of the newest server's programs
  need pg_ctlcluster postgresql
  local bin
  bin=$(find /usr/lib/postgresql -maxdepth 2 -name bin | sort -V | tail -1)
  [[ -x $bin/initdb ]] || die "Debian's package postgresql has no server in /usr/lib/postgresql"
  printf '%s\n' "$bin"
}

postgres_address() { printf 'jdbc:postgresql://127.0.0.1:%s/sheaf\n' "$(cat "$LAB/postgres/$1/port")"; } # NAME

as_postgres() { setpriv --reuid="$POSTGRES_USER" --regid="$POSTGRES_USER" --clear-groups -- "$@"; }

postgres_answers() { # NAME
  PGPASSWORD=sheaf psql -qtAX -h 127.0.0.1 -p "$(cat "$LAB/postgres/$1/port")" -U sheaf -d postgres -c 'SELECT 1' 9>&-
}

postgres_settled() { # NAME: it answers, or has died
  postgres_answers "$1" || ! pid_in "$LAB/run/postgres-$1.pid" >/dev/null
}

# start_postgres NAME PORT|'': an existing one keeps its port and data.
start_postgres() {
  local name=$1 port=$2 state=$LAB/postgres/$1 log=$LAB/logs/postgres-$1.log bin tries=20
  bin=$(postgres_bin)
  mkdir -p "$state"
  chmod a+x "$LAB" "$LAB/postgres" "$state"
  as_postgres test -x "$state" || die "user $POSTGRES_USER cannot enter $state; put the lab elsewhere"
  if pid_in "$LAB/run/postgres-$name.pid" >/dev/null && postgres_answers "$name" >/dev/null 2>&1; then
    return
  fi
  if [[ -s $state/port ]]; then
    port=$(cat "$state/port")
  else
    printf '%s\n' "${port:-$(free_port)}" >"$state/port"
  fi
  [[ -s $state/data/PG_VERSION ]] || make_cluster "$bin" "$state"
  # After a crash the first start may find the memory of the old one still in use.
  while ((tries--)); do
    start_process "$LAB/run/postgres-$name.pid" "$log" setpriv "--reuid=$POSTGRES_USER" "--regid=$POSTGRES_USER" \
      --clear-groups -- "$bin/postgres" -D "$state/data" -p "$(cat "$state/port")"
    if wait_until 30 postgres_settled "$name" && postgres_answers "$name" >/dev/null 2>&1; then
      break
    fi
    stop_postgres "$name"
    sleep 0.3
  done
  postgres_answers "$name" >/dev/null 2>&1 || die "postgres $name does not start; see $log"
  if [[ ! -e $state/made ]]; then
    PGPASSWORD=sheaf quietly psql -qX -h 127.0.0.1 -p "$(cat "$state/port")" -U sheaf -d postgres -c 'CREATE DATABASE sheaf' \
      || die "cannot make the database of postgres $name"
    touch "$state/made"
  fi
}

make_cluster() { # BIN STATE
  rm -rf "$2/data"
  install -d -o "$POSTGRES_USER" -g "$POSTGRES_USER" -m 700 "$2/data"
  echo sheaf >"$2/password" # no secret: every lab's is the same
  quietly as_postgres "$1/initdb" -D "$2/data" -U sheaf "--pwfile=$2/password" --auth=scram-sha-256 -E UTF8 \
    --locale=C.UTF-8 || die "initdb failed for $2/data"
  cat >>"$2/data/postgresql.conf" <<EOF
listen_addresses = '127.0.0.1'
unix_socket_directories = ''
max_connections = 100
shared_buffers = 64MB
EOF
}

stop_postgres() { # NAME [gently]
  local pid
  if pid=$(pid_in "$LAB/run/postgres-$1.pid"); then
    [[ ${2:-} != gently ]] || end_process "$pid" INT # fast shutdown: sessions end, data is flushed
    end_postgres "$pid"
  fi
  rm -f "$LAB/run/postgres-$1.pid"
}

# Kills the server process; its children see that and end by themselves.
end_postgres() { # PID
  local child children
  children=$(children_of "$1" || true)
  end_process "$1"
  for child in $children; do
    wait_until 10 gone "$child" || kill -KILL "$child" 2>/dev/null || true
  done
}
