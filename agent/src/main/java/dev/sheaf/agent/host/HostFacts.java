package dev.sheaf.agent.host;

import java.util.List;
import java.util.OptionalLong;
import java.util.Set;

/**
 * What was read, not judged yet.
 *
 * @param osName "Linux"
 * @param processArchitecture what this Java program is compiled for: "amd64", "aarch64"
 * @param machine what uname says, and what an emulator of single programs pretends: "x86_64", "aarch64"
 * @param kernelArchitecture what /proc/sys/kernel/arch says (Linux 6.1 and newer). Empty: not there
 * @param hwcap AT_HWCAP of this process. Empty: could not be read
 * @param ran the programs that this kernel ran just now
 */
record HostFacts(
        String osName,
        String processArchitecture,
        String machine,
        String kernelArchitecture,
        String kernelRelease,
        String cpuinfo,
        OptionalLong hwcap,
        List<BinfmtEntry> binfmt,
        Set<TinyProgram> ran) {}
