package dev.sheaf.faults.chaos;

import java.io.IOException;
import java.net.Inet4Address;
import java.net.InetAddress;
import java.net.NetworkInterface;
import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.ThreadLocalRandom;
import java.util.regex.Pattern;
import java.util.stream.Stream;

/**
 * A network of its own for one program, joined to the machine's by one cable that can be cut, each way by itself, or made
 * slow. In it 127.0.0.1 leads through the cable to 127.0.0.1 of the machine, because the farm speaks on loopback
 * addresses only.
 */
public final class Network implements AutoCloseable {
    private static final Pattern OVERLIMITS = Pattern.compile("overlimits (\\d+)");
    /** "packets bytes target", at the start of a line. */
    private static final Pattern REFUSED = Pattern.compile("(?m)^ *(\\d+) +\\d+ +(?:DROP|REJECT) ");

    private final String name;
    private final String outside;
    private final int subnet;

    private Network(int subnet) {
        this.subnet = subnet;
        this.name = "sheaf-fault-" + subnet;
        this.outside = "shf" + subnet;
    }

    /** Lays the cable. */
    public static Network create() {
        Host.requireRoot();
        for (int tries = 0; tries < 20; tries++) {
            // Networks reserved for documentation (RFC 5737), four addresses each.
            Network network = new Network(ThreadLocalRandom.current().nextInt(3 * 64));
            if (!Files.exists(Path.of("/sys/class/net", network.outside)) && !network.overlapsTheMachines()) {
                network.lay();
                return network;
            }
        }
        throw new AssertionError("no network is free");
    }

    /** The machine may be on such a network itself, with its way to the world on an address of ours. */
    private boolean overlapsTheMachines() {
        try {
            int ours = bits(InetAddress.getByName(address(1)));
            return NetworkInterface.networkInterfaces()
                    .flatMap(known -> known.getInterfaceAddresses().stream())
                    .filter(known -> known.getAddress() instanceof Inet4Address)
                    .anyMatch(known ->
                            (bits(known.getAddress()) ^ ours) >>> (Integer.SIZE - known.getNetworkPrefixLength()) == 0);
        } catch (IOException e) {
            throw new AssertionError(e);
        }
    }

    private static int bits(InetAddress address) {
        return ByteBuffer.wrap(address.getAddress()).getInt();
    }

    private void lay() {
        Host.run("ip", "netns", "add", name);
        Host.run("ip", "link", "add", outside, "type", "veth", "peer", "name", "inside", "netns", name);
        Host.run("ip", "addr", "add", address(1) + "/30", "dev", outside);
        Host.run("ip", "link", "set", outside, "up");
        Host.run("ip", "-n", name, "addr", "add", address(2) + "/30", "dev", "inside");
        Host.run("ip", "-n", name, "link", "set", "inside", "up");
        Host.run("ip", "-n", name, "link", "set", "lo", "up");
        inside("sysctl", "-qw", "net.ipv4.conf.all.route_localnet=1");
        routeLoopback();
        Host.run(Stream.concat(Stream.of("iptables", "-w", "-I"), Stream.of(arrivals()))
                .toArray(String[]::new));
        iptables(
                "-t",
                "nat",
                "-A",
                "OUTPUT",
                "-d",
                "127.0.0.1",
                "-p",
                "tcp",
                "-j",
                "DNAT",
                "--to-destination",
                address(1));
        iptables("-t", "nat", "-A", "POSTROUTING", "-o", "inside", "-j", "MASQUERADE");
        Host.run(
                "iptables",
                "-w",
                "-t",
                "nat",
                "-A",
                "PREROUTING",
                "-i",
                outside,
                "-p",
                "tcp",
                "-j",
                "DNAT",
                "--to-destination",
                "127.0.0.1");
    }

    private void routeLoopback() {
        try {
            Files.writeString(Path.of("/proc/sys/net/ipv4/conf", outside, "route_localnet"), "1");
        } catch (IOException e) {
            throw new AssertionError(e);
        }
    }

    /** The machine's address on the cable, which both sides can call. */
    public String machine() {
        return address(1);
    }

    /** A command that runs in this network. */
    public List<String> wrap(List<String> command) {
        return Stream.concat(Stream.of("ip", "netns", "exec", name), command.stream())
                .toList();
    }

    /** What the program sends is lost. */
    public void cutOutward() {
        iptables("-A", "OUTPUT", "-d", address(1), "-j", "DROP");
    }

    /** What is sent to the program is lost. */
    public void cutInward() {
        iptables("-A", "INPUT", "-s", address(1), "-j", "DROP");
    }

    /** Both. */
    public void cut() {
        cutOutward();
        cutInward();
    }

    /** Every packet that the program sends ends its connection. */
    public void reset() {
        iptables("-A", "OUTPUT", "-d", address(1), "-p", "tcp", "-j", "REJECT", "--reject-with", "tcp-reset");
    }

    /** Connections that programs here opened, as they arrived on the other side: what a cut swallowed does not count. */
    public long connections() {
        return sum(Pattern.compile("(?m)^ *(\\d+) .* " + outside + " "), Host.run("iptables", "-w", "-nvxL", "INPUT"));
    }

    /** Whole again. */
    public void heal() {
        iptables("-F", "OUTPUT");
        iptables("-F", "INPUT");
    }

    /** So many kilobits a second, each way. */
    public void slow(int kilobits) {
        String rate = kilobits + "kbit";
        inside(
                "tc", "qdisc", "add", "dev", "inside", "root", "tbf", "rate", rate, "burst", "32kbit", "latency",
                "400ms");
        Host.run(
                "tc", "qdisc", "add", "dev", outside, "root", "tbf", "rate", rate, "burst", "32kbit", "latency",
                "400ms");
    }

    /** Packets that had to wait, or were dropped, because the cable is slow. */
    public long heldUp() {
        return sum(OVERLIMITS, inside("tc", "-s", "qdisc", "show", "dev", "inside"));
    }

    /** Packets that the cuts have swallowed since they were made. */
    public long lost() {
        return sum(REFUSED, iptables("-nvxL", "OUTPUT")) + sum(REFUSED, iptables("-nvxL", "INPUT"));
    }

    private static long sum(Pattern number, String text) {
        return number.matcher(text)
                .results()
                .mapToLong(found -> Long.parseLong(found.group(1)))
                .sum();
    }

    private String iptables(String... arguments) {
        return inside(
                Stream.concat(Stream.of("iptables", "-w"), Stream.of(arguments)).toArray(String[]::new));
    }

    private String inside(String... command) {
        return Host.run(wrap(List.of(command)).toArray(String[]::new));
    }

    private String address(int host) {
        String block = switch (subnet / 64) {
            case 0 -> "192.0.2.";
            case 1 -> "198.51.100.";
            default -> "203.0.113.";
        };
        return block + (subnet % 64 * 4 + host);
    }

    /** Lets everything pass that begins a connection, and counts it. */
    private String[] arrivals() {
        return new String[] {"INPUT", "-i", outside, "-p", "tcp", "--syn"};
    }

    @Override
    public void close() {
        Host.run(Stream.concat(Stream.of("iptables", "-w", "-D"), Stream.of(arrivals()))
                .toArray(String[]::new));
        Host.run(
                "iptables",
                "-w",
                "-t",
                "nat",
                "-D",
                "PREROUTING",
                "-i",
                outside,
                "-p",
                "tcp",
                "-j",
                "DNAT",
                "--to-destination",
                "127.0.0.1");
        Host.run("ip", "netns", "del", name);
    }
}
