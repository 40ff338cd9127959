package dev.sheaf.agent.doctor;

import dev.sheaf.agent.engine.EngineReport;
import dev.sheaf.agent.host.HostProof;
import dev.sheaf.agent.host.ProvedPlatform;
import dev.sheaf.agent.offer.Offer;
import dev.sheaf.agent.offer.Terms;
import dev.sheaf.v1.AgentDescription;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/** Judges what was found about the machine, its engine and the farm. Pure. */
public final class Doctor {
    private static final String REPAIR = "repair what failed above";

    private Doctor() {}

    /** The outcome of one call to the coordinator: empty if it answered. */
    public record Coordinator(String address, String problem) {}

    /**
     * What was found.
     *
     * @param disk where the engine keeps its data; empty: it does not say, or not on this machine
     */
    public record Findings(HostProof proof, EngineReport engine, Optional<DiskSpace> disk, Coordinator coordinator) {}

    /** Every check, in the order in which one would repair them. */
    public static List<Check> examine(Terms terms, Findings found) {
        List<Check> checks = new ArrayList<>(host(found.proof()));
        checks.add(platforms(terms, found.proof()));
        checks.addAll(engine(found.engine()));
        found.disk().map(Doctor::disk).ifPresent(checks::add);
        for (String line : Offer.ineffective(terms, found.proof(), found.engine())) {
            checks.add(Check.fail("emulation", line, "register one, or leave --allow-emulation out"));
        }
        checks.add(offer(terms, found));
        checks.add(coordinator(found.coordinator()));
        return checks;
    }

    /** CPU, kernel and binfmt handlers, platform by platform. */
    private static List<Check> host(HostProof proof) {
        List<Check> checks = new ArrayList<>();
        String machine = proof.machine() + ", " + proof.kernel() + ", " + proof.cpu();
        if (proof.platforms().isEmpty()) {
            checks.add(Check.fail(
                    "host",
                    machine + " proves no platform",
                    "run the agent on the machine itself, without an emulator in between"));
        } else {
            checks.add(Check.pass("host", machine));
        }
        for (ProvedPlatform proved : proof.platforms()) {
            checks.add(Check.pass(proved.platform().toString(), proved.proof()));
        }
        proof.refused().forEach(line -> checks.add(Check.note("not proved", line)));
        proof.emulators().forEach(line -> checks.add(Check.note("binfmt", line)));
        return checks;
    }

    private static Check platforms(Terms terms, HostProof proof) {
        try {
            terms.requireProved(proof);
            return Check.pass("platforms", proof.platforms().size() + " proved");
        } catch (IllegalArgumentException e) {
            return Check.fail("platforms", String.valueOf(e.getMessage()), "leave --platform out");
        }
    }

    private static List<Check> engine(EngineReport engine) {
        List<Check> checks = new ArrayList<>();
        EngineReport.Facts facts = engine.facts();
        if (!facts.answers()) {
            checks.add(problem("engine", engine.problem()));
            return checks;
        }
        checks.add(Check.pass("engine", engine.description()));
        checks.addAll(VersionFloor.judge(facts));
        switch (facts.store()) {
            case NONE -> checks.add(Check.pass("image store", "none: a BuildKit pushes by digest"));
            case CONTAINERD -> checks.add(Check.pass("image store", "containerd"));
            case CLASSIC ->
                checks.add(Check.warn("image store", "DEGRADED: " + engine.degraded(), EngineReport.UPGRADE));
        }
        checks.add(
                engine.usable()
                        ? Check.pass("trial build", "a build of nothing from scratch succeeds")
                        : problem("trial build", engine.problem()));
        return checks;
    }

    /** What is wrong with an engine says itself what to do, at its end. */
    private static Check problem(String name, String line) {
        int fix = line.lastIndexOf("; ");
        return fix < 0
                ? Check.fail(name, line, "look into the engine's log")
                : Check.fail(name, line.substring(0, fix), line.substring(fix + 2));
    }

    private static Check disk(DiskSpace disk) {
        return switch (disk.state()) {
            case AMPLE -> Check.pass("disk", disk.toString());
            case SCARCE -> Check.warn("disk", disk.toString(), DiskSpace.FIX);
            case NONE -> Check.fail("disk", disk.toString(), DiskSpace.FIX);
        };
    }

    private static Check offer(Terms terms, Findings found) {
        AgentDescription offer = Offer.of(terms, found.proof(), found.engine());
        if (offer.getUnavailable().isEmpty()) {
            return Check.pass("offer", Offer.platforms(offer) + ", " + offer.getSlots() + " at a time");
        }
        // The same words do not stand there twice.
        String why = found.engine().usable() ? offer.getUnavailable() : "nothing, for want of an engine";
        return Check.fail("offer", why, REPAIR);
    }

    private static Check coordinator(Coordinator coordinator) {
        return coordinator.problem().isEmpty()
                ? Check.pass("coordinator", coordinator.address() + " answers")
                : Check.fail(
                        "coordinator",
                        coordinator.address() + ": " + coordinator.problem(),
                        "start it with sheaf-coordinator, or name another with --coordinator");
    }
}
