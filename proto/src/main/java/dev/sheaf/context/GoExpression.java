package dev.sheaf.context;

/**
 * Go's regular expressions in Java's notation, as far as ignore patterns use them: within a character class Java gives
 * a meaning to "[", "&amp;" and "^" that Go does not.
 */
final class GoExpression {
    private GoExpression() {}

    static String toJava(String expression) {
        StringBuilder java = new StringBuilder();
        int at = 0;
        while (at < expression.length()) {
            char c = expression.charAt(at);
            if (c == '\\' && at + 1 < expression.length()) {
                java.append(c).append(expression.charAt(at + 1));
                at += 2;
            } else if (c == '[') {
                at = characterClass(expression, at, java);
            } else {
                java.append(c);
                at++;
            }
        }
        return java.toString();
    }

    /** Copies the class that starts here; returns the position after it. */
    private static int characterClass(String expression, int start, StringBuilder java) {
        int at = start + 1;
        java.append('[');
        if (at < expression.length() && expression.charAt(at) == '^') {
            java.append('^');
            at++;
        }
        for (boolean first = true; at < expression.length(); first = false) {
            char c = expression.charAt(at++);
            if (c == '\\' && at < expression.length()) {
                java.append(c).append(expression.charAt(at++));
            } else if (c == ']' && !first) {
                java.append(c);
                return at;
            } else if (c == '[' || c == '&' || c == '^' || c == ']') {
                java.append('\\').append(c);
            } else {
                java.append(c);
            }
        }
        return at;
    }
}
