package dev.sheaf.cli.context;

import dev.sheaf.cli.process.Tool;
import dev.sheaf.cli.process.ToolException;
import java.io.IOException;
import java.io.InputStream;
import java.net.HttpURLConnection;
import java.net.URI;
import java.net.URLConnection;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.Base64;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.regex.Pattern;

/**
 * A context given as a URL.
 *
 * @param address without fragment and query of ours
 * @param ref branch, tag or commit. Empty: the default branch
 * @param directory within the repository. Empty: its top
 */
record SourceUrl(String address, String ref, String directory, boolean isGit) {
    private static final Pattern COMMIT = Pattern.compile("[0-9a-f]{40}|[0-9a-f]{64}");
    private static final Pattern SCP = Pattern.compile("[A-Za-z0-9._-]+@[^/:]+:.+");
    private static final Pattern SCHEME = Pattern.compile("(https?|git|ssh)://.*");
    private static final Pattern WANTS_LOGIN =
            Pattern.compile("could not read Username|Authentication failed|terminal prompts disabled|HTTP Basic");
    private static final Duration GIT_LIMIT = Duration.ofSeconds(60);
    private static final int CONNECT_MILLIS = 10_000;
    private static final int READ_MILLIS = 60_000;

    /** Whether this names something to fetch, as opposed to a directory. */
    static boolean isUrl(String source) {
        return SCHEME.matcher(source).matches() || SCP.matcher(source).matches() || source.startsWith("github.com/");
    }

    static SourceUrl parse(String source) throws ContextException {
        int hash = source.indexOf('#');
        String fragment = hash < 0 ? "" : source.substring(hash + 1);
        String address = hash < 0 ? source : source.substring(0, hash);
        if (address.startsWith("github.com/")) {
            address = "https://" + address;
        }
        boolean http = address.startsWith("http://") || address.startsWith("https://");
        if (http && userInfo(address)) {
            throw new ContextException("the URL of the context holds a user name or password, which would be stored"
                    + " with the build; leave it out and give the token with --secret id=GIT_AUTH_TOKEN");
        }
        if (!http && !address.startsWith("git://")) {
            throw new ContextException("the context " + address + " is git over SSH, which needs --ssh, and sheaf build"
                    + " does not have --ssh yet; name the repository with https:// and give a token with"
                    + " --secret id=GIT_AUTH_TOKEN,env=NAME");
        }
        boolean git = !http || address.endsWith(".git") || source.startsWith("github.com/");
        int colon = fragment.indexOf(':');
        String ref = colon < 0 ? fragment : fragment.substring(0, colon);
        String directory = colon < 0 ? "" : fragment.substring(colon + 1);
        return new SourceUrl(address, ref, directory, git);
    }

    /** The same, at the commit that the reference names now. */
    String pinned(Map<String, String> variables, Map<String, String> secrets)
            throws ContextException, InterruptedException {
        String commit = COMMIT.matcher(ref).matches() ? ref : resolve(variables, secrets);
        return address + "#" + commit + (directory.isEmpty() ? "" : ":" + directory);
    }

    /** Downloads the file. */
    InputStream open() throws ContextException {
        try {
            URLConnection connection = URI.create(address).toURL().openConnection();
            connection.setConnectTimeout(CONNECT_MILLIS);
            connection.setReadTimeout(READ_MILLIS);
            if (connection instanceof HttpURLConnection http && http.getResponseCode() / 100 != 2) {
                throw new ContextException("cannot download " + address + ": the server answered "
                        + http.getResponseCode() + "; check the address");
            }
            return connection.getInputStream();
        } catch (IllegalArgumentException _) {
            throw new ContextException("the context is neither a directory nor a valid URL: " + address);
        } catch (IOException e) {
            throw ContextException.of("cannot download " + address, e);
        }
    }

    private String resolve(Map<String, String> variables, Map<String, String> secrets)
            throws ContextException, InterruptedException {
        String wanted = ref.isEmpty() ? "HEAD" : ref;
        Map<String, String> environment = new HashMap<>(variables);
        // Nobody is there to answer a question.
        environment.put("GIT_TERMINAL_PROMPT", "0");
        environment.keySet().removeAll(List.of("GIT_ASKPASS", "SSH_ASKPASS"));
        // Only what the engines get too: a password that is kept on this machine would fail them later.
        configure(environment, "credential.helper", "");
        Optional<String> authorization = authorization(secrets);
        authorization.ifPresent(value -> configure(environment, "http." + root() + ".extraheader", value));
        Tool.Outcome outcome;
        try {
            outcome = new Tool("git", environment)
                    .run(List.of("ls-remote", "--", address, wanted, wanted + "^{}"), "", GIT_LIMIT);
        } catch (ToolException e) {
            throw new ContextException(
                    e.isAbsent()
                            ? "git is not on the PATH, and it is needed to find the commit of " + address
                                    + "; install it, or name a full commit: " + address + "#<40 hex digits>"
                            : "cannot read the references of " + address + ": " + e.getMessage());
        }
        if (outcome.exitCode() != 0) {
            if (WANTS_LOGIN.matcher(outcome.errors()).find()) {
                throw new ContextException(
                        authorization.isPresent()
                                ? address + " refuses the token of --secret GIT_AUTH_TOKEN"
                                : address + " wants a login; give a token with --secret id=GIT_AUTH_TOKEN,env=NAME");
            }
            throw new ContextException("cannot read the references of " + address + ": git says \""
                    + outcome.errors().strip().lines().findFirst().orElse("nothing") + "\"");
        }
        return choose(outcome.output(), wanted);
    }

    /** The header by which BuildKit logs in, from the same secrets, looked for in the same order. */
    private Optional<String> authorization(Map<String, String> secrets) {
        String host = URI.create(root()).getRawAuthority();
        for (String id :
                List.of("GIT_AUTH_HEADER." + host, "GIT_AUTH_TOKEN." + host, "GIT_AUTH_HEADER", "GIT_AUTH_TOKEN")) {
            String secret = secrets.get(id);
            if (secret != null) {
                byte[] login = ("x-access-token:" + secret).getBytes(StandardCharsets.UTF_8);
                String value = id.startsWith("GIT_AUTH_TOKEN")
                        ? "basic " + Base64.getEncoder().encodeToString(login)
                        : secret;
                return Optional.of("Authorization: " + value);
            }
        }
        return Optional.empty();
    }

    /** Scheme and host, so that nobody else is told the token. */
    private String root() {
        int slash = address.indexOf('/', address.indexOf("//") + 2);
        return slash < 0 ? address + "/" : address.substring(0, slash + 1);
    }

    /** In the environment, where a command line would show it to every user of the machine. */
    private static void configure(Map<String, String> environment, String key, String value) {
        String count = environment.getOrDefault("GIT_CONFIG_COUNT", "0");
        environment.put("GIT_CONFIG_KEY_" + count, key);
        environment.put("GIT_CONFIG_VALUE_" + count, value);
        environment.put("GIT_CONFIG_COUNT", String.valueOf(Integer.parseInt(count) + 1));
    }

    private String choose(String listing, String wanted) throws ContextException {
        Map<String, String> commits = new HashMap<>();
        for (String line : listing.split("\n", -1)) {
            int tab = line.indexOf('\t');
            if (tab > 0 && COMMIT.matcher(line.substring(0, tab)).matches()) {
                commits.put(line.substring(tab + 1), line.substring(0, tab));
            }
        }
        // An annotated tag is an object of its own; with ^{} it is the commit.
        for (String name : List.of(
                wanted + "^{}",
                wanted,
                "refs/tags/" + wanted + "^{}",
                "refs/tags/" + wanted,
                "refs/heads/" + wanted,
                "refs/" + wanted)) {
            String commit = commits.get(name);
            if (commit != null) {
                return commit;
            }
        }
        throw new ContextException(address + " has no branch or tag \"" + wanted
                + "\"; name one that exists, or a full commit of 40 hex digits");
    }

    private static boolean userInfo(String address) {
        int start = address.indexOf("//") + 2;
        int slash = address.indexOf('/', start);
        return address.substring(start, slash < 0 ? address.length() : slash).indexOf('@') >= 0;
    }
}
