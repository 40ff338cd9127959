package dev.sheaf.agent;

import dev.sheaf.agent.identity.AgentState;
import dev.sheaf.agent.identity.Enrolment;
import dev.sheaf.agent.session.Session;
import dev.sheaf.endpoint.FarmAddress;
import dev.sheaf.endpoint.route.FarmChannel;
import dev.sheaf.endpoint.route.FarmRoute;
import dev.sheaf.endpoint.tls.TlsFailure;
import dev.sheaf.endpoint.tls.Token;
import io.grpc.StatusRuntimeException;
import java.io.IOException;
import java.io.InputStream;
import java.io.PrintWriter;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.security.SecureRandom;
import java.time.Duration;
import java.util.List;

/** {@code sheaf-agent join}: makes this host an agent of a farm. */
final class JoinCommand {
    private static final int MAX_TOKEN = 512; // bytes

    private JoinCommand() {}

    /** What the operator says. */
    record Wish(String coordinators, String token, String name, Path state, Duration patience) {}

    static int run(Wish wish, InputStream in, SecureRandom random, PrintWriter out) throws IOException {
        Token token = Token.parse(Token.Kind.JOIN, wish.token().equals("-") ? read(in) : wish.token());
        List<FarmAddress> coordinators = FarmAddress.parseList(wish.coordinators());
        FarmRoute route = new FarmRoute(coordinators, true);
        Enrolment.Joined joined;
        try (FarmChannel channel = CoordinatorChannel.anonymous(route, token.pin())) {
            joined = join(
                    channel,
                    route,
                    () -> new Enrolment(channel, wish.patience()).join(coordinators, token, wish.name(), random));
        }
        new AgentState(wish.state()).store(joined.identity());
        out.println("joined " + route + " as agent \"" + joined.identity().name() + "\" of pool \"" + joined.pool()
                + "\", for "
                + (joined.platforms().isEmpty()
                        ? "every platform that it proves"
                        : String.join(", ", joined.platforms())));
        out.println("next: sheaf-agent");
        return 0;
    }

    private interface Joining {
        Enrolment.Joined join();
    }

    /** Any of several coordinators may lead; one that does not has not used the token up. */
    private static Enrolment.Joined join(FarmChannel channel, FarmRoute route, Joining joining) {
        StatusRuntimeException last = null;
        for (int tries = 0; tries <= route.size(); tries++) {
            try {
                return joining.join();
            } catch (StatusRuntimeException e) {
                last = e;
                if (e.getStatus().getCode() != io.grpc.Status.Code.UNAVAILABLE) {
                    break;
                }
            }
        }
        if (last == null) {
            throw new IllegalStateException("nothing was tried");
        }
        String address = channel.authority();
        throw new IllegalArgumentException(
                TlsFailure.explain(last.getStatus(), address)
                        .orElse("cannot join " + address + ": " + Session.why(last.getStatus())),
                last);
    }

    private static String read(InputStream in) throws IOException {
        return new String(in.readNBytes(MAX_TOKEN), StandardCharsets.US_ASCII);
    }
}
