package dev.sheaf.dockerfile.origin;

import dev.sheaf.dockerfile.BuildGraph;
import dev.sheaf.dockerfile.Instruction;
import dev.sheaf.image.ImageConfig.HistoryEntry;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Locale;
import java.util.OptionalInt;
import java.util.Set;

/**
 * Tells of each layer of a built image which instruction made it. BuildKit writes one entry of history for each
 * instruction, after those of the base image; so the entries are matched to the instructions from the end backwards.
 */
public final class LayerOrigins {
    /** What classic builders wrote before an instruction that ran nothing. */
    private static final String NO_OPERATION = "#(nop)";

    /** Instructions that leave no layer, so that some frontends may leave no entry of history for them either. */
    private static final Set<String> WITHOUT_LAYER = Set.of(
            "ARG",
            "CMD",
            "ENTRYPOINT",
            "ENV",
            "EXPOSE",
            "HEALTHCHECK",
            "LABEL",
            "MAINTAINER",
            "ONBUILD",
            "SHELL",
            "STOPSIGNAL",
            "USER",
            "VOLUME");

    private LayerOrigins() {}

    /**
     * One origin for each layer of the image, the lowest first.
     *
     * @param baseEntries how many entries the base image's history has, if that is known: 0 for scratch
     */
    public static List<LayerOrigin> of(BuildGraph graph, List<HistoryEntry> history, OptionalInt baseEntries) {
        List<LayerOrigin> all = entries(graph.chain(), history, baseEntries);
        List<LayerOrigin> layers = new ArrayList<>();
        for (int at = 0; at < history.size(); at++) {
            if (!history.get(at).emptyLayer()) {
                layers.add(all.get(at));
            }
        }
        return List.copyOf(layers);
    }

    private static List<LayerOrigin> entries(
            List<Instruction> chain, List<HistoryEntry> history, OptionalInt baseEntries) {
        List<LayerOrigin> origins = new ArrayList<>(Collections.nCopies(history.size(), new LayerOrigin.Unknown()));
        int own = baseEntries.orElse(0);
        int entry = history.size() - 1;
        int step = chain.size() - 1;
        while (step >= 0 && entry >= own) {
            Instruction instruction = chain.get(step);
            if (isBy(instruction, history.get(entry))) {
                origins.set(entry, new LayerOrigin.Built(instruction));
                entry--;
                step--;
            } else if (WITHOUT_LAYER.contains(instruction.keyword())) {
                step--;
            } else {
                break;
            }
        }
        boolean isWhole = chain.subList(0, step + 1).stream().allMatch(i -> WITHOUT_LAYER.contains(i.keyword()));
        for (int at = 0; at <= entry; at++) {
            if (at < baseEntries.orElse(isWhole ? history.size() : 0)) {
                origins.set(at, new LayerOrigin.OfBase());
            } else if (isWhole && baseEntries.isPresent()) {
                origins.set(at, new LayerOrigin.Triggered(history.get(at).createdBy()));
            }
        }
        return origins;
    }

    private static boolean isBy(Instruction instruction, HistoryEntry entry) {
        String said = entry.createdBy().strip();
        int operation = said.indexOf(NO_OPERATION);
        String words = operation < 0
                ? said
                : said.substring(operation + NO_OPERATION.length()).strip();
        String keyword = instruction.keyword();
        return words.toUpperCase(Locale.ROOT).startsWith(keyword)
                && (words.length() == keyword.length() || Character.isWhitespace(words.charAt(keyword.length())));
    }
}
