package dev.sheaf.cli;

import dev.sheaf.cli.shell.ExitCode;
import dev.sheaf.cli.shell.Shell;
import dev.sheaf.cli.shell.Streams;
import java.io.BufferedOutputStream;
import java.io.FileDescriptor;
import java.io.FileOutputStream;
import java.io.PrintStream;
import java.lang.reflect.InvocationHandler;
import java.lang.reflect.Proxy;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.InstantSource;
import java.util.List;
import java.util.Map;
import java.util.UUID;

/** Starts {@code sheaf} with the streams, the environment and the clock of this process. */
public final class SheafMain {
    private static final int DEFAULT_COLUMNS = 80;

    private SheafMain() {}

    public static void main(String[] arguments) {
        Shell shell = shell();
        System.exit(new CommandRunner(shell).run(List.of(arguments)));
    }

    private static Shell shell() {
        Map<String, String> environment = System.getenv();
        // The launcher knows whether standard error is a terminal; Java can only ask about all streams together.
        boolean terminal = Boolean.getBoolean("sheaf.terminal")
                && !environment.getOrDefault("TERM", "dumb").equals("dumb");
        int columns = Integer.getInteger("sheaf.columns", DEFAULT_COLUMNS);
        boolean colour = terminal && environment.getOrDefault("NO_COLOR", "").isEmpty();
        PrintStream err = stream(FileDescriptor.err);
        Streams streams = new Streams(
                System.in,
                stream(FileDescriptor.out),
                err,
                terminal,
                columns > 0 ? columns : DEFAULT_COLUMNS,
                colour);
        return new Shell(
                streams,
                environment,
                Path.of("").toAbsolutePath(),
                InstantSource.system(),
                Thread::sleep,
                UUID::randomUUID,
                SheafMain::onInterrupt,
                SheafMain::leave);
    }

    private static PrintStream stream(FileDescriptor descriptor) {
        return new PrintStream(
                new BufferedOutputStream(new FileOutputStream(descriptor), 16 * 1024), false, StandardCharsets.UTF_8);
    }

    private static void leave(ExitCode exit) {
        Runtime.getRuntime().halt(exit.number());
    }

    /**
     * Runs the action at each SIGINT or SIGTERM. The class behind this is not part of Java's API, so it is reached by
     * name; where it is missing, the signals end the program as they do any other.
     */
    private static void onInterrupt(Runnable action) {
        InvocationHandler handler = (proxy, method, values) -> switch (method.getName()) {
            case "handle" -> {
                action.run();
                yield null;
            }
            case "equals" -> values != null && proxy == values[0];
            case "hashCode" -> System.identityHashCode(proxy);
            default -> "signal handler";
        };
        try {
            Class<?> signal = Class.forName("sun.misc.Signal");
            Class<?> handlerType = Class.forName("sun.misc.SignalHandler");
            Object proxy =
                    Proxy.newProxyInstance(SheafMain.class.getClassLoader(), new Class<?>[] {handlerType}, handler);
            for (String name : List.of("INT", "TERM")) {
                signal.getMethod("handle", signal, handlerType)
                        .invoke(null, signal.getConstructor(String.class).newInstance(name), proxy);
            }
        } catch (ReflectiveOperationException _) {
            // Without handlers, Ctrl-C ends this program and the build goes on until it is cancelled by id.
        }
    }
}
