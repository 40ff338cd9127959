package dev.sheaf.cli.architecture;

import dev.sheaf.image.Platform;
import dev.sheaf.image.arch.Policy.Exemption;
import dev.sheaf.image.arch.Policy.Mode;
import dev.sheaf.v1.ArchitectureCheck;
import dev.sheaf.v1.CheckException;
import java.util.Optional;

/** How a build's content is to be checked, as the farm is told. */
public final class CheckWire {
    private CheckWire() {}

    /** Unspecified: as the farm's operator chose. */
    public static ArchitectureCheck mode(Optional<Mode> wanted) {
        return wanted.map(mode -> switch (mode) {
                    case OFF -> ArchitectureCheck.ARCHITECTURE_CHECK_OFF;
                    case ENTRYPOINT -> ArchitectureCheck.ARCHITECTURE_CHECK_ENTRYPOINT;
                    case STRICT -> ArchitectureCheck.ARCHITECTURE_CHECK_STRICT;
                })
                .orElse(ArchitectureCheck.ARCHITECTURE_CHECK_UNSPECIFIED);
    }

    /** One exception. */
    public static CheckException exception(Exemption exemption) {
        return CheckException.newBuilder()
                .setPath(exemption.pattern())
                .setPlatform(exemption.platform().map(Platform::toString).orElse(""))
                .setReason(exemption.reason())
                .build();
    }
}
