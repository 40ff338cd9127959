package dev.sheaf.image.registry;

import com.fasterxml.jackson.databind.JsonNode;
import dev.sheaf.endpoint.Loopback;
import java.net.URI;
import java.net.URLEncoder;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.Base64;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/** Answers a registry that asks who we are, and remembers the tokens it gets, by scope, while they last. */
final class Authorizer {
    private static final int MAX_TOKEN_ANSWER = 1024 * 1024; // bytes
    private static final long DEFAULT_LIFETIME = 60; // seconds, by the token specification
    private static final Pattern HEADER_SAFE = Pattern.compile("[\\x21-\\x7e]+");

    private final HttpClient http;
    private final RegistryAddress address;
    private final Credentials credentials;
    private final InstantSource clock;
    private final Map<String, Token> tokens = new ConcurrentHashMap<>();
    private volatile boolean wantsBasic;

    private record Token(String value, Instant until) {}

    Authorizer(HttpClient http, RegistryAddress address, Credentials credentials, InstantSource clock) {
        this.http = http;
        this.address = address;
        this.credentials = credentials;
        this.clock = clock;
    }

    /** The Authorization header to send without being asked again, if there is one. */
    Optional<String> known(String scope) {
        return switch (credentials) {
            case Credentials.AccessToken(String token) -> Optional.of("Bearer " + token);
            case Credentials.Basic basic when wantsBasic -> Optional.of(header(basic));
            case Credentials.Basic _, Credentials.Anonymous _, Credentials.IdentityToken _ ->
                Optional.ofNullable(tokens.get(scope))
                        .filter(token -> clock.instant().isBefore(token.until()))
                        .map(token -> "Bearer " + token.value());
        };
    }

    /** The Authorization header that answers these challenges. */
    String answer(List<Challenge> challenges, String scope, String what)
            throws RegistryException, InterruptedException {
        tokens.remove(scope);
        if (credentials instanceof Credentials.AccessToken) {
            throw refused(what, "");
        }
        Optional<Challenge> bearer = Challenge.of("bearer", challenges);
        if (bearer.isPresent()) {
            Token token = fetch(bearer.get(), scope, what);
            tokens.put(scope, token);
            return "Bearer " + token.value();
        }
        if (Challenge.of("basic", challenges).isPresent() && credentials instanceof Credentials.Basic basic) {
            wantsBasic = true;
            return header(basic);
        }
        throw refused(what, "");
    }

    /** Why we are not let in, said so that the user knows what to do. */
    RegistryException refused(String what, String said) {
        return refused(what, said, false);
    }

    /** The same, of somebody whom the registry may know and forbid this. */
    RegistryException refused(String what, String said, boolean forbidden) {
        String login = "; run \"docker login " + address.name() + "\"";
        boolean anonymous = credentials instanceof Credentials.Anonymous;
        return new RegistryException.Authentication(
                "cannot " + what + ": "
                        + (anonymous
                                ? "the registry wants credentials and there are none" + said + login
                                : "the registry refused the credentials" + said + login + " or check what they may do"),
                forbidden);
    }

    private Token fetch(Challenge challenge, String scope, String what) throws RegistryException, InterruptedException {
        URI realm = realm(challenge, what);
        Map<String, String> form = new LinkedHashMap<>();
        challenge.parameter("service").ifPresent(service -> form.put("service", service));
        HttpRequest.Builder request = HttpRequest.newBuilder().timeout(Transport.REQUEST_TIMEOUT);
        if (credentials instanceof Credentials.IdentityToken(String identity)) {
            form.put("scope", scope);
            form.put("grant_type", "refresh_token");
            form.put("client_id", "sheaf");
            form.put("refresh_token", identity);
            request.uri(realm)
                    .header("Content-Type", "application/x-www-form-urlencoded")
                    .POST(HttpRequest.BodyPublishers.ofString(encoded(form)));
        } else {
            if (credentials instanceof Credentials.Basic basic) {
                form.put("account", basic.username());
                request.header("Authorization", header(basic));
            }
            // In a query each scope has a field of its own; in a form they share one.
            String scopes = Stream.of(scope.split(" "))
                    .map(one -> "&" + field("scope", one))
                    .collect(Collectors.joining());
            String separator = realm.getRawQuery() == null ? "?" : "&";
            request.uri(URI.create(realm + separator + encoded(form) + scopes));
        }
        HttpResponse<byte[]> response = Transport.once(
                http,
                request.build(),
                HttpResponse.BodyHandlers.limiting(HttpResponse.BodyHandlers.ofByteArray(), MAX_TOKEN_ANSWER),
                what);
        int status = response.statusCode();
        if (status == 429 || status >= 500) {
            throw new RegistryException.Unavailable("cannot " + what + ": the token service at "
                    + RegistryAddress.origin(realm) + " answered " + status);
        }
        if (status == 400 || status == 401 || status == 403) {
            throw refused(what, "");
        }
        if (status != 200) {
            throw new RegistryException.Refused("cannot " + what + ": the token service at "
                    + RegistryAddress.origin(realm) + " answered " + status);
        }
        return token(Transport.json(response.body(), what), what);
    }

    private Token token(JsonNode answer, String what) throws RegistryException {
        String value = text(answer, "token", text(answer, "access_token", ""));
        if (!HEADER_SAFE.matcher(value).matches()) {
            throw new RegistryException.Inconsistent("cannot " + what + ": the token service gave no usable token");
        }
        long lifetime = answer.path("expires_in").asLong(DEFAULT_LIFETIME);
        // A token that is about to expire may do so on its way.
        Duration usable = Duration.ofSeconds(Math.clamp(lifetime, 0, 86_400))
                .multipliedBy(9)
                .dividedBy(10);
        return new Token(value, clock.instant().plus(usable));
    }

    private static String text(JsonNode node, String field, String otherwise) {
        @Nullable String value = node.path(field).textValue();
        return value == null || value.isEmpty() ? otherwise : value;
    }

    /** The token service, if what we tell it cannot be overheard. */
    private URI realm(Challenge challenge, String what) throws RegistryException {
        URI realm;
        try {
            realm = URI.create(challenge.parameter("realm").orElse(""));
        } catch (IllegalArgumentException _) {
            throw new RegistryException.Inconsistent(
                    "cannot " + what + ": the registry named a malformed token service");
        }
        String host = realm.getHost();
        if (host == null || realm.getScheme() == null) {
            throw new RegistryException.Inconsistent("cannot " + what + ": the registry named no token service");
        }
        boolean safe = realm.getScheme().equalsIgnoreCase("https")
                || (realm.getScheme().equalsIgnoreCase("http")
                        && (Loopback.contains(host) || (address.isPlain() && address.isSameHost(realm))));
        if (!safe) {
            throw new RegistryException.Refused("cannot " + what + ": the registry names the token service "
                    + RegistryAddress.origin(realm) + ", which would be told the credentials in clear text");
        }
        return realm;
    }

    private static String encoded(Map<String, String> form) {
        return form.entrySet().stream()
                .map(field -> field(field.getKey(), field.getValue()))
                .collect(Collectors.joining("&"));
    }

    private static String field(String name, String value) {
        return name + "=" + URLEncoder.encode(value, StandardCharsets.UTF_8);
    }

    private static String header(Credentials.Basic basic) {
        String pair = basic.username() + ":" + basic.password();
        return "Basic " + Base64.getEncoder().encodeToString(pair.getBytes(StandardCharsets.UTF_8));
    }
}
