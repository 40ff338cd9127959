package dev.sheaf.cli.build;

import dev.sheaf.cli.output.BuildReport;
import dev.sheaf.cli.output.FailureText;
import dev.sheaf.cli.output.ResultFiles;
import dev.sheaf.cli.output.TerminalText;
import dev.sheaf.cli.output.Words;
import dev.sheaf.cli.progress.ProgressFollower;
import dev.sheaf.cli.shell.CliException;
import dev.sheaf.cli.shell.ExitCode;
import dev.sheaf.cli.shell.Shell;
import dev.sheaf.v1.Build;
import dev.sheaf.v1.Failure;
import dev.sheaf.v1.SliceStage;
import dev.sheaf.v1.SliceState;
import java.io.PrintStream;

/** Tells how a build ended. */
final class BuildEnd {
    private BuildEnd() {}

    /** Prints and writes the result, or the failure. */
    static ExitCode tell(Build build, ResultFlags.Wanted wanted, ProgressFollower follower, Shell shell)
            throws CliException {
        PrintStream err = shell.streams().err();
        return switch (build.getState()) {
            case BUILD_STATE_SUCCEEDED -> {
                wanted.files().write(build);
                notes(build, err);
                if (wanted.quiet()) {
                    shell.streams().out().println(TerminalText.plain(ResultFiles.imageId(build)));
                } else {
                    BuildReport.print(build, shell.streams().out());
                }
                yield ExitCode.OK;
            }
            case BUILD_STATE_FAILED -> {
                Failure failure = build.getFailure();
                others(build, failure, err);
                FailureText.print(failure, follower.failedStep(failure.getPlatform()), err);
                yield ExitCode.of(failure.getKind());
            }
            case BUILD_STATE_CANCELLED ->
                throw new CliException(
                        ExitCode.CANCELLED, "build " + TerminalText.plain(build.getId()) + " was cancelled");
            case BUILD_STATE_QUEUED,
                    BUILD_STATE_BUILDING,
                    BUILD_STATE_STITCHING,
                    BUILD_STATE_UNSPECIFIED,
                    UNRECOGNIZED -> throw new IllegalStateException("a build ended while " + build.getState());
        };
    }

    /** What the check of the content let pass and somebody should know. */
    private static void notes(Build build, PrintStream err) {
        for (SliceState slice : build.getSlicesList()) {
            slice.getCheck()
                    .getNotesList()
                    .forEach(note -> err.println(Words.of(slice.getPlatform()) + ": " + TerminalText.plain(note)));
        }
    }

    /** The failures of other platforms, so that one run shows all that is wrong. */
    private static void others(Build build, Failure shown, PrintStream err) {
        for (SliceState slice : build.getSlicesList()) {
            String platform = Words.of(slice.getPlatform());
            if (slice.getStage() == SliceStage.SLICE_STAGE_FAILED && !platform.equals(shown.getPlatform())) {
                err.println(platform + " failed too: "
                        + TerminalText.plain(slice.getFailure().getMessage()));
            }
        }
    }
}
