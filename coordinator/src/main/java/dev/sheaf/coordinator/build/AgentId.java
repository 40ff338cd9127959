package dev.sheaf.coordinator.build;

/** Name of an agent, chosen by its operator, unique in the farm. */
public record AgentId(String name) implements Comparable<AgentId> {
    /** Longest name, in characters. */
    public static final int MAX_LENGTH = 128;

    public AgentId {
        if (name.isBlank() || name.length() > MAX_LENGTH || name.chars().anyMatch(Character::isISOControl)) {
            throw new IllegalArgumentException(
                    "an agent's name is 1 to " + MAX_LENGTH + " printable characters, found " + name.length());
        }
    }

    @Override
    public int compareTo(AgentId other) {
        return name.compareTo(other.name);
    }

    @Override
    public String toString() {
        return name;
    }
}
