package dev.sheaf.agent;

import dev.sheaf.agent.engine.EngineReport;
import dev.sheaf.agent.host.HostProof;
import dev.sheaf.agent.host.ProvedPlatform;
import dev.sheaf.agent.offer.Offer;
import dev.sheaf.agent.offer.Terms;
import dev.sheaf.v1.AgentDescription;
import java.util.ArrayList;
import java.util.List;

/** What would keep this agent from working, each with what to do about it. Pure. */
final class Doctor {
    private Doctor() {}

    /**
     * One finding.
     *
     * @param fix what to do; empty if it passed
     */
    record Check(String name, boolean passed, String found, String fix) {
        @Override
        public String toString() {
            return (passed ? "pass  " : "FAIL  ") + name + ": " + found + (fix.isEmpty() ? "" : "\n      fix: " + fix);
        }
    }

    /** The outcome of one call to the coordinator: empty if it answered. */
    record Coordinator(String address, String problem) {}

    static List<Check> examine(Terms terms, HostProof proof, EngineReport engine, Coordinator coordinator) {
        List<Check> checks = new ArrayList<>();
        checks.add(host(proof));
        checks.add(platforms(terms, proof));
        // What is wrong with an engine says itself what to do.
        checks.add(new Check("engine", engine.usable(), engine.usable() ? engine.description() : engine.problem(), ""));
        for (String line : Offer.ineffective(terms, proof, engine)) {
            checks.add(new Check("emulation", false, line, ""));
        }
        AgentDescription offer = Offer.of(terms, proof, engine);
        boolean offers = offer.getUnavailable().isEmpty();
        checks.add(new Check(
                "offer",
                offers,
                offers ? Offer.platforms(offer) + ", " + offer.getSlots() + " at a time" : nothing(engine, offer),
                offers ? "" : "repair what failed above"));
        boolean answers = coordinator.problem().isEmpty();
        checks.add(new Check(
                "coordinator",
                answers,
                coordinator.address() + (answers ? " answers" : ": " + coordinator.problem()),
                answers ? "" : "start it with sheaf-coordinator, or name another with --coordinator"));
        return checks;
    }

    /** The same words do not stand there twice. */
    private static String nothing(EngineReport engine, AgentDescription offer) {
        return engine.usable() ? offer.getUnavailable() : "nothing, for want of an engine";
    }

    /** What was found about the machine that is neither good nor bad. */
    static List<String> remarks(HostProof proof) {
        List<String> remarks = new ArrayList<>();
        for (ProvedPlatform proved : proof.platforms()) {
            remarks.add("proved  " + proved.platform() + ": " + proved.proof());
        }
        proof.refused().forEach(line -> remarks.add("not     " + line));
        proof.emulators().forEach(line -> remarks.add("note    " + line));
        return remarks;
    }

    private static Check host(HostProof proof) {
        String found = proof.machine() + ", " + proof.kernel() + ", " + proof.cpu();
        return proof.platforms().isEmpty()
                ? new Check(
                        "host",
                        false,
                        found + "; " + String.join("; ", proof.refused()),
                        "run the agent on the machine itself, without an emulator in between")
                : new Check("host", true, found, "");
    }

    private static Check platforms(Terms terms, HostProof proof) {
        try {
            terms.requireProved(proof);
            return new Check("platforms", true, proof.platforms().size() + " proved", "");
        } catch (IllegalArgumentException e) {
            return new Check("platforms", false, String.valueOf(e.getMessage()), "leave --platform out");
        }
    }
}
