package dev.sheaf.coordinator.rpc.wire;

import dev.sheaf.coordinator.build.VerifiedSlice.ContentReport;
import dev.sheaf.coordinator.build.VerifiedSlice.Material;
import dev.sheaf.coordinator.build.VerifiedSlice.Materials;
import dev.sheaf.coordinator.gate.FarmPolicy;
import dev.sheaf.image.Platform;
import dev.sheaf.image.arch.Policy;
import dev.sheaf.image.arch.Policy.Exemption;
import dev.sheaf.image.arch.Policy.Mode;
import dev.sheaf.v1.ArchitectureCheck;
import dev.sheaf.v1.BuildSpec;
import dev.sheaf.v1.CheckException;
import dev.sheaf.v1.CheckReport;
import dev.sheaf.v1.MaterialKind;
import dev.sheaf.v1.SliceState;
import java.util.List;
import java.util.Optional;

/** How content is checked, what came of it, and what it was made from. */
final class CheckWire {
    /** Exceptions of one build. */
    static final int MAX_EXCEPTIONS = 1_000;

    private CheckWire() {}

    /** What holds for a build; throws IllegalArgumentException with one line. */
    static Policy read(BuildSpec spec, FarmPolicy farm) {
        if (spec.getCheckExceptionsCount() > MAX_EXCEPTIONS) {
            throw new IllegalArgumentException("a build has at most " + MAX_EXCEPTIONS
                    + " exceptions of the architecture check, found " + spec.getCheckExceptionsCount());
        }
        List<Exemption> exemptions =
                spec.getCheckExceptionsList().stream().map(CheckWire::read).toList();
        return new Policy(farm.decide(mode(spec.getArchitectureCheck())), exemptions);
    }

    private static Exemption read(CheckException exception) {
        Optional<Platform> platform = exception.getPlatform().isEmpty()
                ? Optional.empty()
                : Optional.of(Platform.parse(exception.getPlatform()));
        return new Exemption(exception.getPath(), platform, exception.getReason());
    }

    private static Optional<Mode> mode(ArchitectureCheck check) {
        return switch (check) {
            case ARCHITECTURE_CHECK_OFF -> Optional.of(Mode.OFF);
            case ARCHITECTURE_CHECK_ENTRYPOINT -> Optional.of(Mode.ENTRYPOINT);
            case ARCHITECTURE_CHECK_STRICT -> Optional.of(Mode.STRICT);
            case ARCHITECTURE_CHECK_UNSPECIFIED, UNRECOGNIZED -> Optional.empty();
        };
    }

    static void write(Policy policy, BuildSpec.Builder wire) {
        wire.setArchitectureCheck(write(policy.mode()));
        policy.exemptions()
                .forEach(exemption -> wire.addCheckExceptions(CheckException.newBuilder()
                        .setPath(exemption.pattern())
                        .setPlatform(
                                exemption.platform().map(Platform::toString).orElse(""))
                        .setReason(exemption.reason())));
    }

    static CheckReport write(ContentReport report) {
        return CheckReport.newBuilder()
                .setCheck(write(report.mode()))
                .addAllNotes(report.notes())
                .setBytesRead(report.bytesRead())
                .setLayersRead(report.layersRead())
                .setLayersRemembered(report.layersRemembered())
                .setTook(Durations.write(report.took()))
                .build();
    }

    static void write(Materials materials, SliceState.Builder wire) {
        wire.setMaterialsUnknown(materials.unknown());
        for (Material material : materials.all()) {
            wire.addMaterials(dev.sheaf.v1.Material.newBuilder()
                    .setKind(write(material.kind()))
                    .setName(material.name())
                    .setDigest(material.digest()));
        }
    }

    private static MaterialKind write(Material.Kind kind) {
        return switch (kind) {
            case IMAGE -> MaterialKind.MATERIAL_KIND_IMAGE;
            case GIT -> MaterialKind.MATERIAL_KIND_GIT;
            case DOWNLOAD -> MaterialKind.MATERIAL_KIND_DOWNLOAD;
        };
    }

    private static ArchitectureCheck write(Mode mode) {
        return switch (mode) {
            case OFF -> ArchitectureCheck.ARCHITECTURE_CHECK_OFF;
            case ENTRYPOINT -> ArchitectureCheck.ARCHITECTURE_CHECK_ENTRYPOINT;
            case STRICT -> ArchitectureCheck.ARCHITECTURE_CHECK_STRICT;
        };
    }
}
