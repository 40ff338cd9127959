package dev.sheaf.faults.chaos;

import dev.sheaf.architecture.Lab;
import dev.sheaf.farm.Farm;
import java.nio.file.Path;

/** An engine, a registry or a PostgreSQL of the test's own in the lab, to be broken. */
public final class LabPart implements AutoCloseable {
    private final String kind;
    private final String name;
    private final String address;

    private LabPart(String kind, String name) {
        this.kind = kind;
        this.name = name;
        this.address = lab(kind, name);
    }

    /** A Docker Engine. */
    public static LabPart engine(String name) {
        return new LabPart("engine", name + ProcessHandle.current().pid() % 100_000);
    }

    /** A registry. */
    public static LabPart registry(String name) {
        return new LabPart("registry", name + ProcessHandle.current().pid() % 100_000);
    }

    /** A PostgreSQL; user, password and database are all "sheaf". */
    public static LabPart postgres(String name) {
        return new LabPart("postgres", name + ProcessHandle.current().pid() % 100_000);
    }

    /** Where an engine of this name keeps its data. */
    public static Path engineState(String name) {
        return Path.of(directory(), "engine", name + ProcessHandle.current().pid() % 100_000);
    }

    /** For DOCKER_HOST, or "127.0.0.1:PORT", or "jdbc:postgresql://127.0.0.1:PORT/sheaf". */
    public String address() {
        return address;
    }

    /** kill -9; containers go on. */
    public void kill() {
        lab("kill", name);
    }

    /** After a kill or a stop: at the same address, with the same data. */
    public void start() {
        lab(kind, name);
    }

    /** Of dockerd, of the registry or of the PostgreSQL. */
    public long pid() {
        return Long.parseLong(lab("pid", name));
    }

    private static String directory() {
        return Lab.require("SHEAF_LAB_DIR", "a lab of the test's own");
    }

    /** The last line that the command printed. */
    private static String lab(String command, String name) {
        Host.requireRoot();
        String output = Host.run(Farm.root().resolve("deploy/lab/lab").toString(), command, directory(), name);
        return output.lines().reduce("", (_, line) -> line);
    }

    @Override
    public void close() {
        lab("stop", name);
    }
}
