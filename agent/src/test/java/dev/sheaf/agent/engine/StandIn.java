package dev.sheaf.agent.engine;

import com.github.dockerjava.api.DockerClient;
import dev.sheaf.agent.engine.channel.EngineAddress;
import dev.sheaf.agent.engine.docker.DockerSocket;
import dev.sheaf.architecture.Lab;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Optional;

/** An image whose program listens where a buildkitd is told to, and leads to "upstream.sock" beside that. */
final class StandIn {
    private static final String PROGRAM = """
            #include <poll.h>
            #include <signal.h>
            #include <stdio.h>
            #include <string.h>
            #include <sys/socket.h>
            #include <sys/stat.h>
            #include <sys/un.h>
            #include <unistd.h>

            static int unix_socket(const char *path, struct sockaddr_un *address) {
              memset(address, 0, sizeof *address);
              address->sun_family = AF_UNIX;
              strncpy(address->sun_path, path, sizeof address->sun_path - 1);
              return socket(AF_UNIX, SOCK_STREAM, 0);
            }

            static int move(int from, int to) {
              char piece[65536];
              ssize_t got = read(from, piece, sizeof piece), done = 0;
              while (done < got) {
                ssize_t wrote = write(to, piece + done, got - done);
                if (wrote <= 0) return 0;
                done += wrote;
              }
              return got > 0;
            }

            static void leave(int signal) { _exit(0); }

            int main(int count, char **arguments) {
              const char *path = count > 2 ? arguments[2] + strlen("unix://") : "";
              char upstream[200];
              struct sockaddr_un here, there;
              snprintf(upstream, sizeof upstream, "%.*s/upstream.sock", (int) (strrchr(path, '/') - path), path);
              signal(SIGCHLD, SIG_IGN);
              signal(SIGTERM, leave);
              int server = unix_socket(path, &here);
              if (bind(server, (struct sockaddr *) &here, sizeof here) || listen(server, 50)) return perror(path), 1;
              chmod(path, 0666);
              for (;;) {
                int client = accept(server, 0, 0);
                if (fork()) { close(client); continue; }
                int engine = unix_socket(upstream, &there);
                if (connect(engine, (struct sockaddr *) &there, sizeof there)) return perror(upstream), 1;
                struct pollfd both[] = {{client, POLLIN, 0}, {engine, POLLIN, 0}};
                while (poll(both, 2, -1) > 0) {
                  if (both[0].revents && !move(client, engine)) return 0;
                  if (both[1].revents && !move(engine, client)) return 0;
                }
                return 0;
              }
            }
            """;

    private StandIn() {}

    /** Builds it on a Docker Engine. */
    static void build(String docker, String image) throws IOException, InterruptedException {
        Path context = Files.createTempDirectory("stand-in");
        Files.writeString(context.resolve("stand-in.c"), PROGRAM);
        Files.writeString(context.resolve("Dockerfile"), "FROM " + Lab.gcc() + " AS made\n" + """
                COPY stand-in.c /
                RUN gcc -O1 -static -o /stand-in /stand-in.c
                FROM scratch
                COPY --from=made /stand-in /
                ENTRYPOINT ["/stand-in"]
                """);
        try (DockerClient client = DockerSocket.open(
                EngineAddress.parse(docker).path(), Duration.ofSeconds(10), Optional.of(Duration.ofMinutes(3)))) {
            client.buildImageCmd(context.toFile())
                    .withTags(java.util.Set.of(image))
                    .start()
                    .awaitImageId();
        } finally {
            Files.delete(context.resolve("stand-in.c"));
            Files.delete(context.resolve("Dockerfile"));
            Files.delete(context);
        }
    }
}
