package dev.sheaf.cli.flags;

import dev.sheaf.cli.shell.CliException;
import dev.sheaf.image.ImageReference;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;

/** Reads --tag. */
public final class TagNames {
    private TagNames() {}

    /** The references to move, each once, in their order; a name without a tag gets {@code latest}. */
    public static List<ImageReference> read(List<String> written) throws CliException {
        Set<ImageReference> tags = new LinkedHashSet<>();
        for (String text : written) {
            try {
                ImageReference tag = ImageReference.parse(text).orLatest();
                if (tag.digest().isPresent()) {
                    throw CliException.user("--tag " + text + ": a digest cannot be chosen; leave \"@...\" out");
                }
                tags.add(tag);
            } catch (IllegalArgumentException e) {
                throw CliException.user("--tag: " + e.getMessage());
            }
        }
        return List.copyOf(tags);
    }
}
