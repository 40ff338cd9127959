package dev.sheaf.image.registry;

import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** One way in which a registry wants to be told who calls: the scheme and its parameters, names in lower case. */
record Challenge(String scheme, Map<String, String> parameters) {
    private static final String TOKEN = "[A-Za-z0-9!#$%&'*+.^_`|~-]+";
    private static final Pattern PARAMETER =
            Pattern.compile("\\G[\\s,]*(" + TOKEN + ")\\s*=\\s*(?:\"((?:[^\"\\\\]|\\\\.)*)\"|([^\\s,\"]+))");
    private static final Pattern SCHEME = Pattern.compile("\\G[\\s,]*(" + TOKEN + ")(?=\\s|,|$)");

    /** Reads WWW-Authenticate headers; stops at what it does not understand. */
    static List<Challenge> parse(List<String> headers) {
        List<Challenge> found = new ArrayList<>();
        for (String header : headers) {
            int at = 0;
            Matcher scheme = SCHEME.matcher(header);
            Matcher parameter = PARAMETER.matcher(header);
            while (scheme.find(at)) {
                at = scheme.end();
                Map<String, String> parameters = new TreeMap<>();
                while (parameter.find(at)) {
                    at = parameter.end();
                    String quoted = parameter.group(2);
                    String value = quoted == null ? parameter.group(3) : quoted.replaceAll("\\\\(.)", "$1");
                    parameters.putIfAbsent(parameter.group(1).toLowerCase(Locale.ROOT), value);
                }
                found.add(new Challenge(scheme.group(1).toLowerCase(Locale.ROOT), parameters));
            }
        }
        return found;
    }

    static Optional<Challenge> of(String scheme, List<Challenge> challenges) {
        return challenges.stream().filter(one -> one.scheme().equals(scheme)).findFirst();
    }

    Optional<String> parameter(String name) {
        return Optional.ofNullable(parameters.get(name));
    }
}
