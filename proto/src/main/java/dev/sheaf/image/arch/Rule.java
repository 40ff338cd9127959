package dev.sheaf.image.arch;

/** What a finding is about. The ids are stable: users and programs name them. */
public enum Rule {
    /** The configuration states another platform than the image is for. */
    CONFIG_PLATFORM("config-platform"),
    /** The layers that the image is based on are for another machine. */
    BASE_ARCHITECTURE("base-architecture"),
    /** What the image runs at its start is for another machine. */
    ENTRYPOINT_ARCHITECTURE("entrypoint-architecture"),
    /** What the image runs at its start cannot be run, whatever the machine. */
    ENTRYPOINT_UNRUNNABLE("entrypoint-unrunnable"),
    /** What the image runs at its start is not in it. */
    ENTRYPOINT_MISSING("entrypoint-missing"),
    /** A program asks for a dynamic loader that the image does not have, or has for another machine. */
    LOADER_MISSING("loader-missing"),
    /** A program or library is for another machine. */
    FILE_ARCHITECTURE("file-architecture"),
    /** A program or library needs a newer processor than the platform promises. */
    PROCESSOR_LEVEL("processor-level"),
    /** Two platforms share a layer with programs in it. */
    SHARED_LAYER("shared-layer"),
    /** The image is much larger for one platform than for another. */
    SIZE("size"),
    /** A layer cannot be read, or exceeds a limit. */
    LAYER_UNREADABLE("layer-unreadable"),
    /** A layer holds what no engine writes. */
    LAYER_ODD("layer-odd"),
    /** Something was not checked, or an exception was not needed. */
    CHECK("check");

    private final String id;

    Rule(String id) {
        this.id = id;
    }

    /** Stable, for people and programs. */
    public String id() {
        return id;
    }
}
