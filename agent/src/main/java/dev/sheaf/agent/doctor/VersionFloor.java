package dev.sheaf.agent.doctor;

import dev.sheaf.agent.engine.EngineReport;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * The oldest version of a program in which a build cannot leave its container by any way that is published.
 * Distributions mend older versions without a new number, so that this is never more than a warning.
 *
 * @param version its numbers, the most significant first
 */
record VersionFloor(String program, List<Integer> version) {
    /** CVE-2026-15788 and its neighbours: crashes, and paths that lead out of the build. */
    static final VersionFloor BUILDKIT = new VersionFloor("BuildKit", List.of(0, 31, 2));

    /** GHSA-r456-g3gm-cvxf, GHSA-9728-qjrv-2xh2, GHSA-mgqf-486f-49vp: special files, memory of the daemon. */
    static final VersionFloor DOCKER = new VersionFloor("Docker Engine", List.of(29, 8, 2));

    private static final Pattern NUMBERS = Pattern.compile("v?(\\d{1,6}(?:\\.\\d{1,6})*)(.*)");

    /** "-rc.1" and the like; "-moby" and "+dfsg1" are the release itself. */
    private static final Pattern PREVIEW = Pattern.compile("-(alpha|beta|rc|dev)");

    /** What is to be said of an engine's versions. */
    static List<Check> judge(EngineReport.Facts facts) {
        List<Check> checks = new ArrayList<>();
        if (!facts.docker().isEmpty()) {
            checks.add(DOCKER.judge(facts.docker()));
        }
        // Inside a Docker Engine it has no version of its own that would have to be stated.
        if (!facts.buildKit().isEmpty() || facts.docker().isEmpty()) {
            checks.add(BUILDKIT.judge(facts.buildKit()));
        }
        return checks;
    }

    private Check judge(String stated) {
        Matcher numbers = NUMBERS.matcher(stated);
        if (!numbers.matches()) {
            String what = stated.isEmpty() ? "not stated" : "\"" + stated + "\"";
            return Check.note("version", program + ": " + what + "; it should be " + text() + " or newer");
        }
        List<Integer> found = Arrays.stream(numbers.group(1).split("\\."))
                .map(Integer::valueOf)
                .toList();
        boolean isPreview = PREVIEW.matcher(numbers.group(2)).lookingAt();
        int order = compare(found);
        return order > 0 || (order == 0 && !isPreview)
                ? Check.pass("version", program + " " + stated)
                : Check.warn(
                        "version",
                        program + " " + stated + " is older than " + text()
                                + ", which closes published ways for a build to harm its host",
                        "update it before it builds for people whom you do not trust");
    }

    private int compare(List<Integer> found) {
        for (int i = 0; i < version.size(); i++) {
            int order = Integer.compare(i < found.size() ? found.get(i) : 0, version.get(i));
            if (order != 0) {
                return order;
            }
        }
        return found.size() > version.size() ? 1 : 0;
    }

    private String text() {
        return String.join(".", version.stream().map(String::valueOf).toList());
    }
}
