package dev.sheaf.agent.offer;

import dev.sheaf.agent.engine.EngineReport;
import dev.sheaf.agent.host.HostProof;
import dev.sheaf.agent.host.ProvedPlatform;
import dev.sheaf.image.Platform;
import dev.sheaf.v1.AgentDescription;
import dev.sheaf.v1.HostDescription;
import dev.sheaf.v1.PlatformSupport;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/** Puts the host's proof, the engine's report and the operator's terms together. Pure. */
public final class Offer {
    private Offer() {}

    /** The agent as the farm is told it. */
    public static AgentDescription of(Terms terms, HostProof proof, EngineReport engine) {
        AgentDescription.Builder description = AgentDescription.newBuilder()
                .setName(terms.name())
                .setSlots(terms.slots())
                .setHost(HostDescription.newBuilder()
                        .setMachine(proof.machine())
                        .setKernel(proof.kernel())
                        .setCpu(proof.cpu())
                        .setEngine(engine.description())
                        .setDockerVersion(engine.facts().docker())
                        .setBuildkitVersion(engine.facts().buildKit())
                        .setDegraded(engine.degraded()))
                .setVersion(terms.version());
        Optional<String> obstacle = obstacle(proof, engine);
        if (obstacle.isPresent()) {
            return description.setUnavailable(obstacle.get()).build();
        }
        List<PlatformSupport> supports = supports(terms, proof, engine);
        if (supports.isEmpty()) {
            String why = Stream.of(
                            ineffective(terms, proof, engine).stream(),
                            terms.only().stream()
                                    .filter(wanted -> proof.proves(wanted) && !keeps(engine, wanted))
                                    .map(wanted -> wanted + ": " + engine.degraded()),
                            terms.only().stream()
                                    .filter(wanted -> !proof.proves(wanted))
                                    .map(proof::whyNot),
                            proof.refused().stream())
                    .flatMap(lines -> lines)
                    .findFirst()
                    .orElse("no platform is left to offer");
            return description.setUnavailable(why).build();
        }
        return description.addAllPlatforms(supports).build();
    }

    /**
     * What became of the operator's --allow-emulation: a line for each platform that it does not bring, with the reason.
     */
    public static List<String> ineffective(Terms terms, HostProof proof, EngineReport engine) {
        List<String> lines = new ArrayList<>();
        for (Platform emulated : terms.emulated()) {
            if (!proof.proves(emulated)
                    && engine.usable()
                    && !engine.platforms().contains(wire(emulated))) {
                lines.add(
                        "--allow-emulation " + emulated + " offers nothing: the engine lists no emulator for it, only "
                                + engine.platforms().stream().map(Offer::text).collect(Collectors.joining(", "))
                                + "; register one (qemu-user-static, binfmt) and restart the engine");
            }
        }
        return lines;
    }

    /** Whether the farm is offered this platform in this way: natively, or emulated as the operator allowed. */
    public static boolean offers(AgentDescription description, dev.sheaf.v1.Platform platform, boolean emulated) {
        return description.getPlatformsList().stream()
                .anyMatch(support -> support.getPlatform().equals(platform) && support.getEmulated() == emulated);
    }

    static boolean proves(HostProof proof, dev.sheaf.v1.Platform platform) {
        return proof.platforms().stream()
                .anyMatch(proved -> wire(proved.platform()).equals(platform));
    }

    /** The platforms that were offered natively and are no longer, a line for each with the reason. */
    static List<String> withdrawn(AgentDescription before, AgentDescription now, HostProof proof) {
        return before.getPlatformsList().stream()
                .filter(support -> !support.getEmulated() && !offers(now, support.getPlatform(), false))
                .map(support -> proof.whyNot(Platform.of(
                        support.getPlatform().getOs(),
                        support.getPlatform().getArchitecture(),
                        support.getPlatform().getVariant())))
                .toList();
    }

    /** "linux/amd64, linux/386, linux/arm64 (EMULATED)". */
    public static String platforms(AgentDescription description) {
        return description.getPlatformsList().stream()
                .map(support -> text(support.getPlatform()) + (support.getEmulated() ? " (EMULATED)" : ""))
                .collect(Collectors.joining(", "));
    }

    private static Optional<String> obstacle(HostProof proof, EngineReport engine) {
        if (!engine.usable()) {
            return Optional.of(engine.problem());
        }
        // An engine names its own platform first. Behind a forwarded socket it may be another machine's.
        if (!engine.platforms().isEmpty() && !proof.platforms().isEmpty()) {
            String engines = engine.platforms().getFirst().getArchitecture();
            String ours = proof.platforms().getFirst().platform().architecture();
            if (!engines.equals(ours)) {
                return Optional.of("the engine runs on " + engines + " but this machine is " + ours
                        + ": start the agent on the engine's own machine");
            }
        }
        return Optional.empty();
    }

    private static List<PlatformSupport> supports(Terms terms, HostProof proof, EngineReport engine) {
        List<PlatformSupport> supports = new ArrayList<>();
        for (ProvedPlatform proved : proof.platforms()) {
            if ((terms.only().isEmpty() || terms.only().contains(proved.platform()))
                    && keeps(engine, proved.platform())) {
                supports.add(PlatformSupport.newBuilder()
                        .setPlatform(wire(proved.platform()))
                        .setProof(proved.proof())
                        .build());
            }
        }
        for (Platform emulated : terms.emulated()) {
            if (!proof.proves(emulated) && engine.platforms().contains(wire(emulated)) && keeps(engine, emulated)) {
                supports.add(PlatformSupport.newBuilder()
                        .setPlatform(wire(emulated))
                        .setEmulated(true)
                        .setProof("not proved: emulated, as the operator allowed with --allow-emulation")
                        .build());
            }
        }
        return supports;
    }

    /** Docker's classic store is not sure to write a variant into an image, and without it the image is another's. */
    private static boolean keeps(EngineReport engine, Platform platform) {
        return engine.degraded().isEmpty() || platform.variant().isEmpty();
    }

    private static dev.sheaf.v1.Platform wire(Platform platform) {
        return dev.sheaf.v1.Platform.newBuilder()
                .setOs(platform.os())
                .setArchitecture(platform.architecture())
                .setVariant(platform.variant())
                .build();
    }

    private static String text(dev.sheaf.v1.Platform platform) {
        return Platform.of(platform.getOs(), platform.getArchitecture(), platform.getVariant())
                .toString();
    }
}
