package dev.sheaf.image.files;

import static org.assertj.core.api.Assertions.assertThat;

import dev.sheaf.image.ImageConfig;
import dev.sheaf.image.files.Startup.Certainty;
import dev.sheaf.image.files.Startup.Step;
import dev.sheaf.testregistry.ElfBytes;
import dev.sheaf.testregistry.LayerBytes;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Which files are executed when a container starts. */
final class StartupTest {
    private static final ImageFiles FILES = new ImageFiles(List.of(new LayerBytes()
            .program("usr/bin/env", ElfBytes.amd64())
            .program("bin/sh", ElfBytes.amd64())
            .program("usr/local/bin/node", ElfBytes.amd64())
            .program("bin/node", ElfBytes.amd64())
            .program("sbin/tini", ElfBytes.amd64())
            .program("app/server", ElfBytes.amd64())
            .text("usr/local/sbin/server", "not executable, so not found")
            .program("usr/bin/server", ElfBytes.amd64())
            .script("app/env.js", "#!/usr/bin/env node\n")
            .script("app/split.js", "#! /usr/bin/env -S A=b node --flag\n")
            .script("app/deep", "#!/app/env.js\n")
            .script("app/self", "#!/app/self\n")
            .script("app/start.sh", "#!/bin/sh -eu")
            .facts()));

    private static List<String> paths(List<String> entrypoint, List<String> command) {
        return steps(entrypoint, command).stream()
                .map(step -> step.found().path())
                .toList();
    }

    private static List<Step> steps(List<String> entrypoint, List<String> command) {
        return Startup.of(new ImageConfig.Execution(entrypoint, command, List.of(), "/app"), FILES);
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "/app/server | /app/server",
                "./server | /app/server",
                "server | /usr/bin/server",
                "node | /usr/local/bin/node",
                "none | none",
                "/app/env.js | /app/env.js /usr/bin/env /usr/local/bin/node",
                "/app/split.js | /app/split.js /usr/bin/env /usr/local/bin/node",
                "/app/deep | /app/deep /app/env.js /usr/bin/env /usr/local/bin/node",
                "/app/start.sh | /app/start.sh /bin/sh",
                "sh -c server | /bin/sh /usr/bin/server",
                "/bin/sh -ec exec\\ server\\ --port\\ 80 | /bin/sh /usr/bin/server",
                "/bin/sh -c A=b\\ C=d\\ exec\\ ./server | /bin/sh /app/server",
                "/bin/sh -c server&&true | /bin/sh /usr/bin/server",
                "/bin/sh -c cd\\ /x\\ &&\\ ./run | /bin/sh",
                "/bin/sh -c $HOME/run | /bin/sh",
                "/bin/sh -c 'ser'ver | /bin/sh",
                "/bin/sh -c ser$X | /bin/sh",
                "tini -- server | /sbin/tini /usr/bin/server",
                "tini -g -p SIGTERM -- server x | /sbin/tini /usr/bin/server",
                "tini server | /sbin/tini /usr/bin/server",
                "tini -g server | /sbin/tini",
                "tini -- sh -c server | /sbin/tini /bin/sh /usr/bin/server",
            })
    void of_command_executesThese(String command, String executed) {
        List<String> words = List.of(command.replace("\\ ", "\u0001").split(" ")).stream()
                .map(word -> word.replace('\u0001', ' '))
                .toList();
        assertThat(paths(List.of(), words)).containsExactly(executed.split(" "));
        assertThat(paths(words, List.of())).containsExactly(executed.split(" "));
    }

    @Test
    void of_scriptThatInterpretsItself_ends() {
        assertThat(paths(List.of("/app/self"), List.of())).hasSizeBetween(2, 12).containsOnly("/app/self");
    }

    @Test
    void of_nothingToRun_isNothing() {
        assertThat(steps(List.of(), List.of())).isEmpty();
        assertThat(steps(List.of(""), List.of())).isEmpty();
    }

    @Test
    void of_commandOfAnEntrypoint_isLikelyIfThatIsAScript() {
        List<Step> script = steps(List.of("/app/start.sh"), List.of("server"));
        assertThat(script)
                .extracting(Step::certainty)
                .containsExactly(Certainty.CERTAIN, Certainty.CERTAIN, Certainty.LIKELY);
        List<Step> program = steps(List.of("node"), List.of("server"));
        assertThat(program).extracting(Step::certainty).containsExactly(Certainty.CERTAIN, Certainty.POSSIBLE);
        assertThat(steps(List.of("node"), List.of("--help"))).hasSize(1);
        assertThat(steps(List.of("tini", "--"), List.of("server")))
                .extracting(Step::certainty)
                .containsExactly(Certainty.CERTAIN, Certainty.LIKELY);
    }

    @Test
    void path_ofTheEnvironment_replacesTheUsualOne() {
        ImageConfig.Execution image =
                new ImageConfig.Execution(List.of("server"), List.of(), List.of("PATH=/nowhere:relative:/app"), "/");
        assertThat(image.path()).containsExactly("/nowhere", "/app");
        assertThat(Startup.of(image, FILES).getFirst().found().path()).isEqualTo("/app/server");
    }
}
