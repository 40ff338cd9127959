package dev.sheaf.cli.warm;

import java.io.IOException;

/** Serves until it is killed, and says where. */
public final class WarmRegistryMain {
    private WarmRegistryMain() {}

    public static void main(String[] arguments) throws IOException {
        System.out.println("listening on " + WarmRegistry.start().address());
    }
}
