package dev.sheaf.agent.doctor;

/**
 * One finding.
 *
 * @param fix what to do; empty if there is nothing to do
 */
public record Check(Verdict verdict, String name, String found, String fix) {

    /** How it turned out. */
    public enum Verdict {
        PASS("pass  "),
        /** Neither good nor bad. */
        NOTE("note  "),
        /** It works, but should not stay so. */
        WARN("warn  "),
        FAIL("FAIL  ");

        private final String word;

        Verdict(String word) {
            this.word = word;
        }
    }

    static Check pass(String name, String found) {
        return new Check(Verdict.PASS, name, found, "");
    }

    static Check note(String name, String found) {
        return new Check(Verdict.NOTE, name, found, "");
    }

    static Check warn(String name, String found, String fix) {
        return new Check(Verdict.WARN, name, found, fix);
    }

    static Check fail(String name, String found, String fix) {
        return new Check(Verdict.FAIL, name, found, fix);
    }

    /** Whether this agent would not work. */
    public boolean failed() {
        return verdict == Verdict.FAIL;
    }

    /** As it is printed. */
    @Override
    public String toString() {
        return verdict.word + name + ": " + found + (fix.isEmpty() ? "" : "\n      fix: " + fix);
    }
}
