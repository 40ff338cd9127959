package dev.sheaf.image.elf;

import java.util.Arrays;
import java.util.Map;
import java.util.Optional;
import java.util.function.Function;
import java.util.stream.Collectors;

/** The processors that Linux runs on, by their numbers in ELF files. Others, such as BPF or GPUs, are no machines here. */
public enum Machine {
    SPARC(2),
    I386(3),
    M68K(4),
    MIPS(8),
    PARISC(15),
    PPC(20),
    PPC64(21),
    S390(22),
    ARM(40),
    SH(42),
    SPARC64(43),
    IA64(50),
    X86_64(62),
    AARCH64(183),
    RISCV(243),
    LOONGARCH(258),
    ALPHA(0x9026);

    private static final Map<Integer, Machine> BY_NUMBER =
            Arrays.stream(values()).collect(Collectors.toMap(Machine::number, Function.identity()));

    private final int number;

    Machine(int number) {
        this.number = number;
    }

    /** The value of e_machine. */
    public int number() {
        return number;
    }

    /** The machine with this e_machine, if Linux runs on it. */
    public static Optional<Machine> of(int number) {
        return Optional.ofNullable(BY_NUMBER.get(number));
    }
}
