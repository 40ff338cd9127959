package dev.sheaf.testregistry;

import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpServer;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.URLDecoder;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.GeneralSecurityException;
import java.security.KeyStore;
import java.security.PrivateKey;
import java.security.Signature;
import java.security.cert.Certificate;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Base64;
import java.util.List;
import java.util.concurrent.atomic.AtomicInteger;

/** A small token service: signs what it is asked for, for one user. The registry's own clock judges the tokens. */
public final class TokenServer implements AutoCloseable {
    private final HttpServer http;
    private final Path certificateFile;
    private final Account account;
    private final PrivateKey key;
    private final Certificate certificate;
    private final AtomicInteger issued = new AtomicInteger();

    /** Who is let in: by password, or by identity token. */
    public record Account(String user, String password, String identityToken) {}

    private TokenServer(
            HttpServer http, Path certificateFile, Account account, PrivateKey key, Certificate certificate) {
        this.http = http;
        this.account = account;
        this.certificateFile = certificateFile;
        this.key = key;
        this.certificate = certificate;
    }

    /** For user "ann". Keys and certificate are made in the directory. */
    public static TokenServer start(Path directory) throws IOException, GeneralSecurityException {
        return start(directory, new Account("ann", "s3cret-pw", "identity-1"));
    }

    /** Keys and certificate are made in the directory. */
    public static TokenServer start(Path directory, Account account) throws IOException, GeneralSecurityException {
        Path store = directory.resolve("keys.p12");
        Path keytool = Path.of(System.getProperty("java.home"), "bin", "keytool");
        Process made = new ProcessBuilder(
                        keytool.toString(),
                        "-genkeypair",
                        "-alias",
                        "k",
                        "-keyalg",
                        "RSA",
                        "-keysize",
                        "2048",
                        "-dname",
                        "CN=tokens",
                        "-storetype",
                        "PKCS12",
                        "-storepass",
                        "changeit",
                        "-keystore",
                        store.toString())
                .redirectErrorStream(true)
                .start();
        String said = new String(made.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
        KeyStore keys = KeyStore.getInstance("PKCS12");
        if (!Files.exists(store)) {
            throw new IOException(said);
        }
        try (var in = Files.newInputStream(store)) {
            keys.load(in, "changeit".toCharArray());
        }
        Certificate certificate = keys.getCertificate("k");
        Path pem = Files.writeString(
                directory.resolve("tokens.pem"),
                "-----BEGIN CERTIFICATE-----\n"
                        + Base64.getMimeEncoder(64, new byte[] {'\n'}).encodeToString(certificate.getEncoded())
                        + "\n-----END CERTIFICATE-----\n");
        HttpServer http = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
        PrivateKey key = (PrivateKey) keys.getKey("k", "changeit".toCharArray());
        TokenServer server = new TokenServer(http, pem, account, key, certificate);
        http.createContext("/token", server::handle);
        http.start();
        return server;
    }

    /** Where tokens are given. */
    public String realm() {
        return "http://127.0.0.1:" + http.getAddress().getPort() + "/token";
    }

    /** What registries check tokens of the issuer "tokens" by. */
    public Path certificateFile() {
        return certificateFile;
    }

    /** What makes a registry trust it: for {@link RegistryProcess#start}. */
    public String configuration() {
        return "auth: {token: {realm: '" + realm() + "', service: registry, issuer: tokens, rootcertbundle: '"
                + certificateFile + "'}}\n";
    }

    /** How many tokens it has given out. */
    public int issued() {
        return issued.get();
    }

    private void handle(HttpExchange exchange) throws IOException {
        try (exchange) {
            boolean posted = exchange.getRequestMethod().equals("POST");
            String form = posted
                    ? new String(exchange.getRequestBody().readAllBytes(), StandardCharsets.UTF_8)
                    : exchange.getRequestURI().getRawQuery();
            boolean welcome = posted
                    ? values(form, "refresh_token").contains(account.identityToken())
                            && values(form, "grant_type").contains("refresh_token")
                    : basic().equals(exchange.getRequestHeaders().getFirst("Authorization"));
            String field = posted ? "access_token" : "token";
            String body =
                    welcome ? "{\"" + field + "\":\"" + sign(values(form, "scope")) + "\",\"expires_in\":300}" : "{}";
            byte[] bytes = body.getBytes(StandardCharsets.UTF_8);
            exchange.sendResponseHeaders(welcome ? 200 : 401, bytes.length);
            exchange.getResponseBody().write(bytes);
        }
    }

    private String basic() {
        String pair = account.user() + ":" + account.password();
        return "Basic " + Base64.getEncoder().encodeToString(pair.getBytes(StandardCharsets.UTF_8));
    }

    private static List<String> values(String form, String name) {
        return Arrays.stream(form.split("&"))
                .filter(field -> field.startsWith(name + "="))
                .map(field -> URLDecoder.decode(field.substring(name.length() + 1), StandardCharsets.UTF_8))
                .toList();
    }

    private String sign(List<String> scopes) throws IOException {
        issued.incrementAndGet();
        List<String> access = new ArrayList<>();
        for (String scope : String.join(" ", scopes).split(" ")) {
            String[] parts = scope.split(":");
            access.add("{\"type\":\"repository\",\"name\":\"" + parts[1] + "\",\"actions\":[\""
                    + parts[2].replace(",", "\",\"") + "\"]}");
        }
        try {
            long now = Instant.now().getEpochSecond();
            String header = "{\"typ\":\"JWT\",\"alg\":\"RS256\",\"x5c\":[\""
                    + Base64.getEncoder().encodeToString(certificate.getEncoded()) + "\"]}";
            String claims =
                    "{\"iss\":\"tokens\",\"sub\":\"ann\",\"aud\":\"registry\",\"exp\":" + (now + 300) + ",\"nbf\":"
                            + (now - 60) + ",\"iat\":" + now + ",\"jti\":\"" + issued + "\",\"access\":["
                            + String.join(",", access) + "]}";
            String signed =
                    url(header.getBytes(StandardCharsets.UTF_8)) + "." + url(claims.getBytes(StandardCharsets.UTF_8));
            Signature signature = Signature.getInstance("SHA256withRSA");
            signature.initSign(key);
            signature.update(signed.getBytes(StandardCharsets.UTF_8));
            return signed + "." + url(signature.sign());
        } catch (GeneralSecurityException e) {
            throw new IOException(e);
        }
    }

    private static String url(byte[] bytes) {
        return Base64.getUrlEncoder().withoutPadding().encodeToString(bytes);
    }

    @Override
    public void close() {
        http.stop(0);
    }
}
