package dev.sheaf.agent.host;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;

/**
 * The smallest static Linux program of each architecture: it exits with {@link #EXIT_CODE} and does nothing else.
 * A kernel that runs it executes that instruction set; the header alone says which binfmt handlers would take it.
 */
enum TinyProgram {
    AMD64(62, 2, 0, "b83c000000bf2a0000000f05"),
    I386(3, 1, 0, "b801000000bb2a000000cd80"),
    ARM64(183, 2, 0, "a80b80d2400580d2010000d4"),
    ARM(40, 1, 0x0500_0000, "0170a0e32a00a0e3000000ef");

    /** Unlike 0 and 1 and 126, it does not come about by accident. */
    static final int EXIT_CODE = 42;

    private static final int LOAD_ADDRESS = 0x10000;
    private static final int CLASS_64 = 2;

    private final int elfMachine;
    private final int elfClass;
    private final int elfFlags;
    private final String code;

    TinyProgram(int elfMachine, int elfClass, int elfFlags, String code) {
        this.elfMachine = elfMachine;
        this.elfClass = elfClass;
        this.elfFlags = elfFlags;
        this.code = code;
    }

    byte[] elf() {
        byte[] instructions = java.util.HexFormat.of().parseHex(code);
        int headers = elfClass == CLASS_64 ? 64 + 56 : 52 + 32;
        ByteBuffer elf = ByteBuffer.allocate(headers + instructions.length).order(ByteOrder.LITTLE_ENDIAN);
        // Identification: magic, class, little endian, version 1, System V, padding.
        elf.putInt(0x464c457f).put((byte) elfClass).put((byte) 1).put((byte) 1).put(new byte[9]);
        // Type 2: executable at a fixed address.
        elf.putShort((short) 2).putShort((short) elfMachine).putInt(1);
        if (elfClass == CLASS_64) {
            headers64(elf, headers);
        } else {
            headers32(elf, headers);
        }
        return elf.put(instructions).array();
    }

    private void headers64(ByteBuffer elf, int headers) {
        elf.putLong(LOAD_ADDRESS + headers).putLong(64).putLong(0).putInt(elfFlags);
        elf.putShort((short) 64).putShort((short) 56).putShort((short) 1);
        elf.putShort((short) 64).putShort((short) 0).putShort((short) 0);
        // One segment to load, readable and executable: the whole file.
        elf.putInt(1).putInt(5).putLong(0).putLong(LOAD_ADDRESS).putLong(LOAD_ADDRESS);
        elf.putLong(elf.capacity()).putLong(elf.capacity()).putLong(0x1000);
    }

    private void headers32(ByteBuffer elf, int headers) {
        elf.putInt(LOAD_ADDRESS + headers).putInt(52).putInt(0).putInt(elfFlags);
        elf.putShort((short) 52).putShort((short) 32).putShort((short) 1);
        elf.putShort((short) 40).putShort((short) 0).putShort((short) 0);
        elf.putInt(1).putInt(0).putInt(LOAD_ADDRESS).putInt(LOAD_ADDRESS);
        elf.putInt(elf.capacity()).putInt(elf.capacity()).putInt(5).putInt(0x1000);
    }
}
