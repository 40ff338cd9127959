package dev.sheaf.agent.host;

import java.util.Arrays;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;

/**
 * What /proc/cpuinfo says, over all processors.
 *
 * @param family "x86", "arm" or "unknown", by the shape of the text
 * @param model for people
 * @param flags those that every processor has
 */
record CpuFacts(String family, String model, Set<String> flags) {
    private static final Set<String> V2 = Set.of("cx16", "lahf_lm", "popcnt", "pni", "sse4_1", "sse4_2", "ssse3");
    private static final Set<String> V3 = Set.of("abm", "avx", "avx2", "bmi1", "bmi2", "f16c", "fma", "movbe", "xsave");
    private static final Set<String> V4 = Set.of("avx512f", "avx512bw", "avx512cd", "avx512dq", "avx512vl");
    private static final List<Set<String>> LEVELS = List.of(V2, V3, V4);

    /** Names of the "CPU part" numbers of Arm Ltd (implementer 0x41) that servers and boards have. */
    private static final Map<String, String> ARM_PARTS = Map.of(
            "0xd03", "Cortex-A53",
            "0xd08", "Cortex-A72",
            "0xd0b", "Cortex-A76",
            "0xd0c", "Neoverse N1",
            "0xd40", "Neoverse V1",
            "0xd49", "Neoverse N2",
            "0xd4f", "Neoverse V2");

    static CpuFacts parse(String cpuinfo) {
        Set<String> common = new HashSet<>();
        boolean first = true;
        String family = "unknown";
        String model = "";
        String implementer = "";
        for (String line : cpuinfo.lines().toList()) {
            int colon = line.indexOf(':');
            if (colon < 0) {
                continue;
            }
            String value = line.substring(colon + 1).strip();
            switch (line.substring(0, colon).strip()) {
                case "flags", "Features" -> {
                    Set<String> flags = Set.copyOf(new HashSet<>(Arrays.asList(value.split("\\s+"))));
                    if (first) {
                        common.addAll(flags);
                        first = false;
                    } else {
                        common.retainAll(flags);
                    }
                }
                case "vendor_id" -> family = "x86";
                case "model name", "Model" -> model = model.isEmpty() ? value : model;
                case "CPU implementer" -> {
                    family = "arm";
                    implementer = value;
                }
                case "CPU part" -> model = model.isEmpty() ? armModel(implementer, value) : model;
                default -> {
                    // The rest tells people more than it tells us.
                }
            }
        }
        return new CpuFacts(family, model.isEmpty() ? "unknown CPU" : model, Set.copyOf(common));
    }

    /** The highest x86-64 microarchitecture level that every processor has: 1 to 4. */
    int level() {
        int level = 1;
        for (Set<String> needed : LEVELS) {
            if (!flags.containsAll(needed)) {
                return level;
            }
            level++;
        }
        return level;
    }

    private static String armModel(String implementer, String part) {
        String unnamed = "Arm CPU implementer " + implementer + " part " + part;
        return implementer.equals("0x41") ? ARM_PARTS.getOrDefault(part, unnamed) : unnamed;
    }
}
