package dev.sheaf.endpoint.route;

import com.google.errorprone.annotations.concurrent.GuardedBy;
import dev.sheaf.endpoint.FarmAddress;
import io.grpc.Status;
import java.util.List;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Collectors;

/**
 * Which of a farm's coordinators to call. The one that answers is kept; after one that does not comes the next of the
 * list, and after one that does not lead the one that it names. Nobody waits here: whoever repeats a call pauses.
 */
public final class FarmRoute {
    private static final Pattern ELSEWHERE = Pattern.compile("this coordinator does not lead; (\\S+) does");

    private final List<FarmAddress> addresses;
    private final boolean isSecure;

    /** Place in the list of the next one to try. */
    @GuardedBy("this") private int next;

    @GuardedBy("this") private FarmAddress current;

    /**
     * Starts with the first of at least one address.
     *
     * @param isSecure connections are TLS; else only addresses of this machine are called, whoever names others
     */
    public FarmRoute(List<FarmAddress> addresses, boolean isSecure) {
        this.addresses = List.copyOf(addresses);
        this.isSecure = isSecure;
        this.current = this.addresses.getFirst();
        this.next = 1;
    }

    /** The first of the list. */
    public FarmAddress first() {
        return addresses.getFirst();
    }

    /** Whether connections are TLS. */
    public boolean isSecure() {
        return isSecure;
    }

    /** How many addresses there are to try. */
    public int size() {
        return addresses.size();
    }

    /** All addresses, as a list is written. */
    public String addresses() {
        return addresses.stream().map(FarmAddress::toString).collect(Collectors.joining(","));
    }

    synchronized FarmAddress current() {
        return current;
    }

    /** A call to this address ended so; where the next one goes is said by {@link #current}. */
    synchronized void ended(FarmAddress called, Status status) {
        // Many calls fail together when a coordinator goes away: one of them moves on.
        if (!called.equals(current)) {
            return;
        }
        switch (status.getCode()) {
            case UNAVAILABLE, DEADLINE_EXCEEDED -> current = leader(status).orElseGet(this::following);
            case OK,
                    CANCELLED,
                    UNKNOWN,
                    INVALID_ARGUMENT,
                    NOT_FOUND,
                    ALREADY_EXISTS,
                    PERMISSION_DENIED,
                    RESOURCE_EXHAUSTED,
                    FAILED_PRECONDITION,
                    ABORTED,
                    OUT_OF_RANGE,
                    UNIMPLEMENTED,
                    INTERNAL,
                    DATA_LOSS,
                    UNAUTHENTICATED -> {}
        }
    }

    @GuardedBy("this") private FarmAddress following() {
        FarmAddress following = addresses.get(next % addresses.size());
        next = next % addresses.size() + 1;
        return following;
    }

    /** Where a coordinator that does not lead says that the leader is, if we may go there. */
    private Optional<FarmAddress> leader(Status status) {
        Matcher named =
                ELSEWHERE.matcher(Optional.ofNullable(status.getDescription()).orElse(""));
        if (!named.find()) {
            return Optional.empty();
        }
        try {
            FarmAddress leader = FarmAddress.parse(named.group(1));
            return Optional.of(isSecure ? leader : leader.requirePlaintextAllowed());
        } catch (IllegalArgumentException e) {
            return Optional.empty();
        }
    }

    /** All addresses, for a person. */
    @Override
    public String toString() {
        return addresses.stream().map(FarmAddress::toString).collect(Collectors.joining(" or "));
    }
}
