package dev.sheaf.cli.shell;

/** How large a terminal is, in characters. */
public record TerminalSize(int columns, int rows) {
    private static final TerminalSize USUAL = new TerminalSize(80, 24);

    /** Reads what {@code stty size} prints: "40 120"; "40x120" is the same. Anything else: the usual size. */
    public static TerminalSize parse(String text) {
        String[] numbers = text.strip().split("[ x]", -1);
        if (numbers.length != 2 || !isNumber(numbers[0]) || !isNumber(numbers[1])) {
            return USUAL;
        }
        TerminalSize size = new TerminalSize(Integer.parseInt(numbers[1]), Integer.parseInt(numbers[0]));
        return size.columns < 1 || size.rows < 1 ? USUAL : size;
    }

    private static boolean isNumber(String text) {
        return !text.isEmpty() && text.length() < 6 && text.chars().allMatch(c -> c >= '0' && c <= '9');
    }
}
