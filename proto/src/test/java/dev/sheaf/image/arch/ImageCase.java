package dev.sheaf.image.arch;

import com.fasterxml.jackson.databind.json.JsonMapper;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.sheaf.image.Digest;
import dev.sheaf.image.ImageConfig;
import dev.sheaf.image.Platform;
import dev.sheaf.image.elf.Machine;
import dev.sheaf.image.elf.Target;
import dev.sheaf.image.layer.LayerFacts;
import dev.sheaf.testregistry.ElfBytes;
import dev.sheaf.testregistry.LayerBytes;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;

/** An image as a Dockerfile would make it, for rules to judge. */
final class ImageCase {
    private final Platform platform;
    private final ObjectNode config = JsonMapper.builder().build().createObjectNode();
    private final ObjectNode run = config.putObject("config");
    private final ArrayNode history = config.putArray("history");
    private final List<LayerFacts> layers = new ArrayList<>();
    private final Set<Digest> base = new HashSet<>();
    private long bytes = 1_000_000;

    ImageCase(String platform) {
        this.platform = Platform.parse(platform);
        stating(platform);
    }

    /** The platform that the configuration states. */
    ImageCase stating(String stated) {
        Platform other = Platform.parse(stated);
        config.put("os", other.os()).put("architecture", other.architecture()).put("variant", other.variant());
        return this;
    }

    ImageCase entrypoint(String... words) {
        List.of(words).forEach(run.withArray("Entrypoint")::add);
        return this;
    }

    ImageCase command(String... words) {
        List.of(words).forEach(run.withArray("Cmd")::add);
        return this;
    }

    ImageCase environment(String... variables) {
        List.of(variables).forEach(run.withArray("Env")::add);
        return this;
    }

    ImageCase directory(String path) {
        run.put("WorkingDir", path);
        return this;
    }

    ImageCase size(long compressed) {
        bytes = compressed;
        return this;
    }

    /** The next layer, and the instruction that made it. */
    ImageCase layer(String instruction, LayerBytes layer) {
        history.addObject().put("created_by", instruction);
        layers.add(layer.facts());
        return this;
    }

    /** A layer of the base image, if it is known to be that. */
    ImageCase base(LayerBytes layer) {
        layer("base", layer);
        base.add(layers.getLast().digest());
        return this;
    }

    Image image() {
        return new Image(
                platform,
                ImageConfig.parse(config.toString().getBytes(java.nio.charset.StandardCharsets.UTF_8)),
                layers,
                base,
                bytes);
    }

    List<Finding> judge(Policy policy) {
        return ImageRules.judge(image(), policy);
    }

    List<Finding> strict() {
        return judge(Policy.STRICT);
    }

    // --- programs and systems ----------------------------------------------

    static ElfBytes elf(String platform) {
        Target target = Target.of(Platform.parse(platform)).orElseThrow();
        ElfBytes elf = ElfBytes.of(target.machine().number(), target.wide(), target.bigEndian());
        return target.machine() == Machine.ARM ? elf.flags(0x05000400) : elf;
    }

    static String glibc(String platform) {
        return switch (Platform.parse(platform).architecture()) {
            case "amd64" -> "/lib64/ld-linux-x86-64.so.2";
            case "arm64" -> "/lib/ld-linux-aarch64.so.1";
            case "386" -> "/lib/ld-linux.so.2";
            case "arm" -> "/lib/ld-linux-armhf.so.3";
            default -> throw new IllegalArgumentException(platform);
        };
    }

    static String triplet(String platform) {
        return switch (Platform.parse(platform).architecture()) {
            case "amd64" -> "x86_64-linux-gnu";
            case "arm64" -> "aarch64-linux-gnu";
            case "386" -> "i386-linux-gnu";
            case "arm" -> "arm-linux-gnueabihf";
            default -> throw new IllegalArgumentException(platform);
        };
    }

    static String musl(String platform) {
        return switch (Platform.parse(platform).architecture()) {
            case "amd64" -> "/lib/ld-musl-x86_64.so.1";
            case "arm64" -> "/lib/ld-musl-aarch64.so.1";
            default -> throw new IllegalArgumentException(platform);
        };
    }

    /** Of glibc. */
    static ElfBytes dynamic(String platform) {
        return elf(platform).type(ElfBytes.SHARED).loader(glibc(platform));
    }

    /** A system like Debian's: its top-level directories are links into /usr. */
    static LayerBytes debian(String platform) {
        String libraries = "usr/lib/" + triplet(platform);
        String loader = glibc(platform);
        String name = loader.substring(loader.lastIndexOf('/') + 1);
        LayerBytes layer = new LayerBytes()
                .symlink("bin", "usr/bin")
                .symlink("lib", "usr/lib")
                .symlink("lib64", "usr/lib64")
                .program("usr/bin/bash", dynamic(platform))
                .program("usr/bin/dash", dynamic(platform))
                .symlink("usr/bin/sh", "dash")
                .program("usr/bin/env", dynamic(platform))
                .file(libraries + "/" + name, 0755, elf(platform).library().bytes())
                .library(libraries + "/libc.so.6", elf(platform))
                .text("etc/passwd", "root:x:0:0::/root:/bin/sh\n");
        return layer.symlink(
                "usr" + loader,
                loader.startsWith("/lib64/")
                        ? "../lib/" + triplet(platform) + "/" + name
                        : triplet(platform) + "/" + name);
    }

    /** A system like Alpine's: one program of many names. */
    static LayerBytes alpine(String platform) {
        return new LayerBytes()
                .program("bin/busybox", elf(platform).type(ElfBytes.SHARED).loader(musl(platform)))
                .symlink("bin/sh", "/bin/busybox")
                .symlink("bin/ls", "/bin/busybox")
                .symlink("usr/bin/env", "/bin/busybox")
                .file(musl(platform).substring(1), 0755, elf(platform).library().bytes())
                .symlink("lib/libc.musl.so.1", musl(platform).substring(5));
    }
}
