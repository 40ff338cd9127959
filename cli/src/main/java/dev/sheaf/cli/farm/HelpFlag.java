package dev.sheaf.cli.farm;

import picocli.CommandLine.Option;

/** --help, the same for every command. */
final class HelpFlag {
    @Option(
            names = {"-h", "--help"},
            usageHelp = true,
            description = "Show this help.")
    private boolean wanted;
}
