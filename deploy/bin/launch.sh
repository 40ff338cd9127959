# Sourced by the launchers, with $0 theirs. POSIX sh; in an unpacked tarball, and where JAVA_HOME (or SHEAF_JAVA) names a
# Java 25 or newer, starts no process.
#
# launch MODULE MAIN_CLASS JVM_FLAGS [ARGUMENT...]
#   SHEAF_JAVA      the java command to use
#   SHEAF_JVM_OPTS  more JVM flags, split at blanks, after ours
#   SHEAF_HOME      the checkout or the unpacked tarball (default: the one that the launcher is in)

# Is $1 the home of a Java 25 or newer? Reads its "release" file.
launch_fits() {
    [ -x "$1/bin/java" ] && [ -r "$1/release" ] || return 1
    while IFS='=' read -r name value; do
        if [ "$name" = JAVA_VERSION ]; then
            value=${value#\"}
            value=${value%%[!0-9]*}
            [ -n "$value" ] && [ "$value" -ge 25 ]
            return
        fi
    done <"$1/release"
    return 1
}

launch_find_java() {
    if [ -n "${SHEAF_JAVA:-}" ]; then
        java=$SHEAF_JAVA
        return
    fi
    # A tarball brings its own, which its libraries were tested with.
    if [ -x "$home/runtime/bin/java" ]; then
        java=$home/runtime/bin/java
        return
    fi
    if [ -n "${JAVA_HOME:-}" ] && launch_fits "$JAVA_HOME"; then
        java=$JAVA_HOME/bin/java
        return
    fi
    java=$(command -v java || true)
    if [ -n "$java" ]; then
        real=$(readlink -f "$java" 2>/dev/null || echo "$java")
        if launch_fits "${real%/bin/java}"; then
            return
        fi
    fi
    for jdk in /usr/lib/jvm/*; do
        if launch_fits "$jdk"; then
            java=$jdk/bin/java
            return
        fi
    done
    echo "ERROR: no Java 25 or newer is found; set JAVA_HOME to one, or SHEAF_JAVA to its java command" >&2
    exit 69
}

# The class path is written out in the order of the shell's glob, so that the AOT cache always finds the same one. A
# tarball has the jars of all programs in one directory, and lists of which are whose in that order.
launch_find_classes() {
    classes=
    aot=$home/lib/$1.aot
    if [ -r "$home/lib/$1.jars" ]; then
        while read -r jar; do
            classes=$classes${classes:+:}$home/lib/$jar
        done <"$home/lib/$1.jars"
        return
    fi
    target=$home/$1/target
    aot=$target/sheaf.aot
    for jar in "$target/sheaf-$1"-*.jar "$target"/lib/*.jar; do
        case $jar in
        *-tests.jar | *-sources.jar | *-javadoc.jar | *'*'*) ;;
        *) classes=$classes${classes:+:}$jar ;;
        esac
    done
    if [ -z "$classes" ]; then
        echo "ERROR: $target has no jars; build them with: mvn -DskipTests package" >&2
        exit 69
    fi
}

launch() {
    module=$1
    main=$2
    flags=$3
    shift 3
    if [ -n "${SHEAF_HOME:-}" ]; then
        home=$SHEAF_HOME
    else
        case $0 in
        */*) directory=${0%/*} ;;
        *) directory=. ;;
        esac
        if [ -L "$0" ]; then
            directory=$(readlink -f "$0")
            directory=${directory%/*}
        fi
        case $directory in
        /*) ;;
        *) directory=$PWD/$directory ;;
        esac
        case $directory in
        */bin) ;;
        *) directory=$(cd "$directory" && pwd) ;;
        esac
        home=${directory%/bin}
        home=${home%/deploy}
    fi
    launch_find_java
    launch_find_classes "$module"

    # Java reads file names in the locale's encoding, and file names in contexts are UTF-8. Whatever the environment
    # names, since Java takes ASCII for a locale that this machine does not have, such as one that came with ssh.
    LC_ALL=C.UTF-8
    export LC_ALL

    cache=-Xshare:auto
    if [ -n "${SHEAF_AOT_OUTPUT:-}" ]; then
        cache=-XX:AOTCacheOutput=$SHEAF_AOT_OUTPUT
    elif [ -r "$aot" ]; then
        cache=-XX:AOTCache=$aot
        # Without its profiles: they start the second compiler at once, for 150 ms of processor time in each run.
        flags="$flags -Xlog:aot=off -Xlog:cds=off -XX:+UnlockDiagnosticVMOptions -XX:-AOTReplayTraining"
    fi
    # shellcheck disable=SC2086 # flags are words
    exec "$java" $flags "$cache" ${SHEAF_JVM_OPTS:-} \
        --enable-native-access=ALL-UNNAMED --sun-misc-unsafe-memory-access=allow \
        -cp "$classes" "$main" "$@"
}
