package dev.sheaf.farm;

import static org.assertj.core.api.Assertions.assertThat;

import dev.sheaf.architecture.Lab;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.FileTime;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

/** Two teams on one farm with one engine: neither sees the other's builds, or is given its files. */
@Tag("lab")
final class TeamsIT extends TlsFarmFixture {
    private static final String NOBODYS = "00000000-0000-0000-0000-000000000000";

    /** Who runs the command line. */
    private record As(Map<String, String> environment) {}

    private As user(String name, String team) throws IOException, InterruptedException {
        String token = run(Map.of(), coordinator("users", "add", name, "--team", team))
                .requireSuccess()
                .out();
        return new As(Map.of(
                "SHEAF_TOKEN",
                token,
                "SHEAF_COORDINATOR",
                farm,
                "XDG_CACHE_HOME",
                directory.resolve(name).toString()));
    }

    private Outcome sheaf(As user, String... arguments) throws IOException, InterruptedException {
        return run(user.environment(), Farm.command("sheaf", arguments));
    }

    /** From the same directory of the same machine, a file of the same name, size and time. */
    private Outcome build(As user, String plans, String... more) throws IOException, InterruptedException {
        Path context = Files.createDirectories(directory.resolve("context"));
        Files.writeString(
                context.resolve("Dockerfile"),
                "FROM " + Lab.busybox() + "\nCOPY plans /plans\nRUN : " + directory
                        + "; echo the plans are: $(cat /plans)\n"); // no earlier run's result
        Path file = Files.writeString(context.resolve("plans"), plans);
        for (Path each : List.of(file, context.resolve("Dockerfile"), context)) {
            Files.setLastModifiedTime(each, FileTime.fromMillis(1_700_000_000_000L));
        }
        List<String> arguments = new ArrayList<>(List.of("build", "--progress", "plain", "--platform", "linux/amd64"));
        arguments.addAll(List.of(more));
        arguments.add(context.toString());
        return sheaf(user, arguments.toArray(String[]::new));
    }

    @Test
    void whatIsOneTeams_isNotThereForTheOther() throws Exception {
        logIn();
        join("amd64-1");
        As payments = user("paul", "payments");
        As colleague = user("paula", "payments");
        As search = user("sam", "search");

        String ours =
                build(payments, "payments: secret", "--detach").requireSuccess().out();
        assertThat(sheaf(colleague, "attach", ours).requireSuccess().err()).contains("the plans are: payments: secret");

        for (String command : Set.of("show", "attach", "cancel", "stitch")) {
            Outcome foreign = sheaf(search, command, ours);
            Outcome unknown = sheaf(search, command, NOBODYS);
            assertThat(foreign.err()).as(command).hasLineCount(1).contains("no build \"" + ours + "\"");
            assertThat(foreign.err().replace(ours, NOBODYS)).isEqualTo(unknown.err());
            assertThat(foreign.code()).as(command).isEqualTo(unknown.code()).isNotZero();
        }
        assertThat(sheaf(search, "builds").requireSuccess().out()).doesNotContain(ours, "payments");
        assertThat(sheaf(search, "builds", "--team", "payments").err())
                .contains("only operators see builds of a team that is not theirs")
                .hasLineCount(1);

        Outcome theirs = build(search, "search: our own!").requireSuccess();
        assertThat(theirs.err()).contains("the plans are: search: our own!").doesNotContain("payments");

        assertThat(sheaf("builds").requireSuccess().out())
                .containsPattern("(?m)^BUILD +STATE +TEAM ")
                .containsPattern("succeeded +search ")
                .containsPattern(ours + " +succeeded +payments ");
        assertThat(sheaf("builds", "--team", "payments").requireSuccess().out())
                .contains(ours)
                .doesNotContain("search");
    }
}
