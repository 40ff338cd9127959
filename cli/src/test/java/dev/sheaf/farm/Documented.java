package dev.sheaf.farm;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.util.List;
import java.util.regex.MatchResult;
import java.util.regex.Pattern;

/** The commands that a document tells people to type. */
final class Documented {
    private static final Pattern BLOCK = Pattern.compile("(?ms)^```(?:sh)?\\n(.*?)^```$");

    private Documented() {}

    /** The blocks of commands below a heading of the second level, in their order. */
    static List<String> commands(String document, String heading) throws IOException {
        String text = Files.readString(Farm.root().resolve(document));
        int start = text.indexOf("\n## " + heading + "\n");
        assertThat(start).as(document + " has a part " + heading).isNotNegative();
        int end = text.indexOf("\n## ", start + 1);
        return BLOCK.matcher(text.substring(start, end < 0 ? text.length() : end))
                .results()
                .map(MatchResult::group)
                .map(block -> block.replaceAll("(?m)^```.*\\n?", ""))
                .toList();
    }
}
