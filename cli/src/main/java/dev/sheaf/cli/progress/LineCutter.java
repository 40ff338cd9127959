package dev.sheaf.cli.progress;

import dev.sheaf.cli.output.TerminalText;
import java.io.ByteArrayOutputStream;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;

/** Cuts the output of a process into lines that are safe to print. Of a line that rewrites itself, the last state. */
final class LineCutter {
    private final int longest;
    private final ByteArrayOutputStream rest = new ByteArrayOutputStream();

    /** {@code longest}: bytes after which a line is cut, however long it is. */
    LineCutter(int longest) {
        this.longest = longest;
    }

    List<String> add(byte[] data) {
        List<String> lines = new ArrayList<>();
        for (byte b : data) {
            if (b == '\n') {
                lines.add(take());
            } else {
                rest.write(b);
                if (rest.size() >= longest) {
                    lines.add(take());
                }
            }
        }
        return lines;
    }

    /** The unfinished line, if there is one. */
    List<String> end() {
        return rest.size() == 0 ? List.of() : List.of(take());
    }

    private String take() {
        String line = rest.toString(StandardCharsets.UTF_8);
        rest.reset();
        String shown = line;
        while (shown.endsWith("\r")) {
            shown = shown.substring(0, shown.length() - 1);
        }
        return TerminalText.coloured(shown.substring(shown.lastIndexOf('\r') + 1));
    }
}
