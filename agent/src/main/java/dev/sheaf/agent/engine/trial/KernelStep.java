package dev.sheaf.agent.engine.trial;

import com.google.protobuf.ByteString;
import dev.sheaf.agent.engine.session.ContextFiles;
import dev.sheaf.v1.FileEntry;
import dev.sheaf.v1.Progress;
import dev.sheaf.v1.VertexLog;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HexFormat;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicReference;

/**
 * A step that shows whether an engine runs on the kernel that runs this agent. What the agent proves of its own machine
 * says nothing about another, and behind a port there may be one; containers of this machine share its kernel. The step
 * prints the identifier that the kernel chose at random when it started.
 */
public final class KernelStep implements ContextFiles {

    private static final Path BOOT_ID = Path.of("/proc/sys/kernel/random/boot_id");
    private static final int MAX_OUTPUT_BYTES = 256;
    private static final String PROGRAM = "kernel";

    /** Static programs that copy that file to their output: open, read 64 bytes, write, exit; the path follows. */
    private enum Copy {
        AMD64(
                62,
                "b802000000488d3d2b00000031f60f0589c731c0488d7424c0ba400000000f0589c2b801000000bf010000000f05b83c000000"
                        + "31ff0f05"),
        ARM64(
                183,
                "600c809221020010020080d2030080d2080780d2010000d4ff0301d1e1030091020880d2e80780d2010000d4e20300aa200080"
                        + "d2080880d2010000d4000080d2a80b80d2010000d4");

        private static final int HEAD_BYTES = 64 + 56;
        private static final long LOAD_ADDRESS = 0x10000;

        private final int machine;
        private final String code;

        Copy(int machine, String code) {
            this.machine = machine;
            this.code = code;
        }

        ByteString elf() {
            byte[] instructions = HexFormat.of().parseHex(code);
            byte[] path = (BOOT_ID + "\0").getBytes(StandardCharsets.US_ASCII);
            int size = HEAD_BYTES + instructions.length + path.length;
            ByteBuffer elf = ByteBuffer.allocate(size).order(ByteOrder.LITTLE_ENDIAN);
            // 64 bits, little endian, executable at a fixed address; one segment, readable and executable: all of it.
            elf.putInt(0x464c457f).put((byte) 2).put((byte) 1).put((byte) 1).put(new byte[9]);
            elf.putShort((short) 2).putShort((short) machine).putInt(1);
            elf.putLong(LOAD_ADDRESS + HEAD_BYTES).putLong(64).putLong(0).putInt(0);
            elf.putShort((short) 64).putShort((short) 56).putShort((short) 1);
            elf.putShort((short) 64).putShort((short) 0).putShort((short) 0);
            elf.putInt(1).putInt(5).putLong(0).putLong(LOAD_ADDRESS).putLong(LOAD_ADDRESS);
            elf.putLong(size).putLong(size).putLong(0x1000);
            return ByteString.copyFrom(elf.put(instructions).put(path).flip());
        }
    }

    private final ByteString elf;
    private final ByteString dockerfile;
    private final AtomicReference<ByteString> printed = new AtomicReference<>(ByteString.EMPTY);

    private KernelStep(Copy program, String once) {
        elf = program.elf();
        dockerfile = ByteString.copyFromUtf8(
                "FROM scratch\nCOPY " + PROGRAM + " /\nRUN [\"/" + PROGRAM + "\", \"" + once + "\"]\n");
    }

    /**
     * The step for an engine's own architecture. Empty: Sheaf has none for it.
     *
     * @param once makes the step new to the engine, which would not run it again otherwise
     */
    public static Optional<KernelStep> on(String architecture, String once) {
        return switch (architecture) {
            case "amd64" -> Optional.of(new KernelStep(Copy.AMD64, once));
            case "arm64" -> Optional.of(new KernelStep(Copy.ARM64, once));
            default -> Optional.empty();
        };
    }

    /** The identifier of the kernel that runs this agent. */
    public static String ownKernel() throws IOException {
        return Files.readString(BOOT_ID).strip();
    }

    /** Hears what the step prints. */
    public void hear(Progress progress) {
        printed.updateAndGet(before -> {
            ByteString all = before;
            for (VertexLog log : progress.getLogsList()) {
                if (all.size() < MAX_OUTPUT_BYTES) {
                    all = all.concat(log.getData());
                }
            }
            return all;
        });
    }

    /** The identifier of the kernel that ran the step. Empty: it printed nothing. */
    public String kernel() {
        return printed.get().toStringUtf8().strip();
    }

    @Override
    public List<FileEntry> context() {
        return List.of(entry(PROGRAM, 0755, elf));
    }

    @Override
    public List<FileEntry> dockerfile() {
        return List.of(entry("Dockerfile", 0644, dockerfile));
    }

    @Override
    public void read(List<FileEntry> files, Sink sink) throws IOException, InterruptedException {
        for (int index = 0; index < files.size(); index++) {
            sink.data(index, files.get(index).getPath().equals(PROGRAM) ? elf : dockerfile);
            sink.end(index);
        }
    }

    private static FileEntry entry(String path, int mode, ByteString content) {
        return FileEntry.newBuilder()
                .setPath(path)
                .setMode(mode)
                .setSize(content.size())
                .build();
    }
}
