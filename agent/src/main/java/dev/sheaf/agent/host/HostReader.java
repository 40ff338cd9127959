package dev.sheaf.agent.host;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.ArrayList;
import java.util.EnumSet;
import java.util.List;
import java.util.OptionalLong;
import java.util.Set;
import java.util.concurrent.TimeUnit;

/** Reads this machine's facts. They can change while an agent runs (somebody registers an emulator): read again. */
public final class HostReader {
    private static final int AT_HWCAP = 16;
    private static final int RUN_SECONDS = 5;
    /** Some hosts mount their temporary folder noexec; the first folder that lets programs run is good. */
    private static final List<Path> FOLDERS = List.of(
            Path.of(System.getProperty("java.io.tmpdir", "/tmp")),
            Path.of("/dev/shm"),
            Path.of("/run"),
            Path.of("/var/tmp"));

    /** Reads and judges. Takes some tens of milliseconds: it starts four tiny programs. */
    public HostProof read() throws InterruptedException {
        String machine = text("/proc/sys/kernel/arch");
        return HostProof.of(new HostFacts(
                System.getProperty("os.name", ""),
                System.getProperty("os.arch", ""),
                uname(machine),
                machine,
                text("/proc/sys/kernel/osrelease"),
                text("/proc/cpuinfo"),
                hwcap(),
                binfmt(Path.of("/proc/sys/fs/binfmt_misc")),
                run()));
    }

    private static String uname(String otherwise) throws InterruptedException {
        try {
            Process uname = new ProcessBuilder("uname", "-m").start();
            String answer;
            try (var output = uname.inputReader()) {
                answer = output.readLine();
            }
            return uname.waitFor() == 0 && answer != null ? answer.strip() : otherwise;
        } catch (IOException e) {
            // No uname program here (a minimal image): the kernel's own file says it too.
            return otherwise;
        }
    }

    private static String text(String path) {
        try {
            return Files.readString(Path.of(path)).strip();
        } catch (IOException e) {
            return "";
        }
    }

    private static OptionalLong hwcap() {
        try {
            return hwcap(Files.readAllBytes(Path.of("/proc/self/auxv")));
        } catch (IOException e) {
            return OptionalLong.empty();
        }
    }

    /** The auxiliary vector is pairs of 64-bit words, key and value. */
    static OptionalLong hwcap(byte[] auxv) {
        ByteBuffer words = ByteBuffer.wrap(auxv).order(ByteOrder.LITTLE_ENDIAN);
        while (words.remaining() >= 16) {
            long key = words.getLong();
            long value = words.getLong();
            if (key == AT_HWCAP) {
                return OptionalLong.of(value);
            }
        }
        return OptionalLong.empty();
    }

    static List<BinfmtEntry> binfmt(Path folder) {
        List<BinfmtEntry> entries = new ArrayList<>();
        try (DirectoryStream<Path> files = Files.newDirectoryStream(folder)) {
            for (Path file : files) {
                String name = file.getFileName().toString();
                if (!name.equals("register") && !name.equals("status")) {
                    entries.add(BinfmtEntry.parse(name, Files.readString(file)));
                }
            }
        } catch (IOException e) {
            // Not mounted: then no handler can be seen here, and the programs that run say what is there.
            return entries;
        }
        return entries;
    }

    private static Set<TinyProgram> run() throws InterruptedException {
        Set<TinyProgram> ran = EnumSet.noneOf(TinyProgram.class);
        for (Path folder : FOLDERS) {
            for (TinyProgram program : TinyProgram.values()) {
                if (runs(program, folder)) {
                    ran.add(program);
                }
            }
            if (!ran.isEmpty()) {
                return ran;
            }
        }
        return ran;
    }

    private static boolean runs(TinyProgram program, Path folder) throws InterruptedException {
        Path file = null;
        try {
            file = Files.createTempFile(
                    folder,
                    "sheaf-probe-",
                    "",
                    PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rwx------")));
            Files.write(file, program.elf());
            Process process = new ProcessBuilder(file.toString())
                    .redirectOutput(ProcessBuilder.Redirect.DISCARD)
                    .redirectError(ProcessBuilder.Redirect.DISCARD)
                    .start();
            if (!process.waitFor(RUN_SECONDS, TimeUnit.SECONDS)) {
                process.destroyForcibly();
                return false;
            }
            return process.exitValue() == TinyProgram.EXIT_CODE;
        } catch (IOException e) {
            // "Exec format error" is the kernel's answer for a program that it cannot run.
            return false;
        } finally {
            delete(file);
        }
    }

    private static void delete(@org.jspecify.annotations.Nullable Path file) {
        try {
            if (file != null) {
                Files.deleteIfExists(file);
            }
        } catch (IOException e) {
            // A file of a hundred bytes in a temporary folder stays behind; the proof is not affected.
            return;
        }
    }
}
