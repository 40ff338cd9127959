package dev.sheaf.image.layer;

import dev.sheaf.image.elf.ElfFile;

/** A file of a layer that matters to what can be run. Paths are absolute and hold no {@code .}, {@code ..} or links. */
public sealed interface FileFacts {
    /** Where the layer puts it, such as {@code /usr/bin/env}. */
    String path();

    /** The same file under another name: a hard link. */
    FileFacts at(String other);

    /** How many characters it takes to say this. */
    int length();

    /**
     * An ELF program or shared library.
     *
     * @param executable whether anybody may execute it
     * @param size in bytes
     */
    record Program(String path, ElfFile elf, boolean executable, long size) implements FileFacts {
        @Override
        public Program at(String other) {
            return new Program(other, elf, executable, size);
        }

        @Override
        public int length() {
            return path.length() + elf.interpreter().map(String::length).orElse(0);
        }
    }

    /** An executable file that begins with {@code #!}; the line is what follows, as far as the kernel reads it. */
    record Script(String path, String line) implements FileFacts {
        @Override
        public Script at(String other) {
            return new Script(other, line);
        }

        @Override
        public int length() {
            return path.length() + line.length();
        }
    }

    /** An executable file that Linux cannot run: what it is, such as {@code a Windows program}. */
    record Unrunnable(String path, String what) implements FileFacts {
        @Override
        public Unrunnable at(String other) {
            return new Unrunnable(other, what);
        }

        @Override
        public int length() {
            return path.length() + what.length();
        }
    }

    /** A symbolic link, with its target as it is written there. */
    record Symlink(String path, String target) implements FileFacts {
        @Override
        public Symlink at(String other) {
            return new Symlink(other, target);
        }

        @Override
        public int length() {
            return path.length() + target.length();
        }
    }
}
