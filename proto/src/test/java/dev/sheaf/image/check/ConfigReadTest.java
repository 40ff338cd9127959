package dev.sheaf.image.check;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.sheaf.image.Descriptor;
import dev.sheaf.image.Digest;
import dev.sheaf.image.ImageConfig;
import dev.sheaf.image.ImageFormatException;
import dev.sheaf.image.MediaType;
import dev.sheaf.image.Platform;
import dev.sheaf.image.registry.RegistryException;
import java.io.ByteArrayInputStream;
import java.io.FilterInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.InterruptedIOException;
import java.nio.charset.StandardCharsets;
import java.util.concurrent.atomic.AtomicBoolean;
import org.junit.jupiter.api.Test;

/** Reading a config from a registry that need not play along. */
final class ConfigReadTest {
    private static final byte[] JSON = "{\"os\":\"linux\",\"architecture\":\"arm64\"}".getBytes(StandardCharsets.UTF_8);

    private final FakeRegistry registry = new FakeRegistry();
    private final Digest digest = registry.blob(JSON);

    private ImageConfig read(long size) throws Exception {
        return registry.config("team/app", Descriptor.of(MediaType.OCI_CONFIG, digest, size));
    }

    @Test
    void config_asItsManifestSays_isReadToItsEnd_andClosed() throws Exception {
        AtomicBoolean isClosed = new AtomicBoolean();
        AtomicBoolean isAtItsEnd = new AtomicBoolean();
        registry.fault = in -> new FilterInputStream(in) {
            @Override
            public int read(byte[] buffer, int offset, int length) throws IOException {
                int count = super.read(buffer, offset, length);
                isAtItsEnd.compareAndSet(false, count < 0); // where streams of registries compare the digest
                return count;
            }

            @Override
            public void close() {
                isClosed.set(true);
            }
        };
        assertThat(read(JSON.length).platform()).contains(Platform.parse("linux/arm64"));
        assertThat(isAtItsEnd).isTrue();
        assertThat(isClosed).isTrue();
    }

    @Test
    void config_ofAnotherSize_isInconsistent() {
        assertThatThrownBy(() -> read(JSON.length - 1))
                .isInstanceOf(RegistryException.Inconsistent.class)
                .hasMessage("the config " + digest + " has more than the 36 bytes that its manifest states");
        assertThatThrownBy(() -> read(JSON.length + 1))
                .isInstanceOf(RegistryException.Inconsistent.class)
                .hasMessage("the config " + digest + " has fewer than the 38 bytes that its manifest states");
    }

    @Test
    void config_ofOtherContent_isInconsistent() {
        registry.fault = _ -> new ByteArrayInputStream(new byte[JSON.length]);
        assertThatThrownBy(() -> read(JSON.length))
                .isInstanceOf(RegistryException.Inconsistent.class)
                .hasMessage("the config " + digest + " of registry.example/team/app has other content");
    }

    @Test
    void config_statedAsTooLarge_isNotEvenAskedFor() throws Exception {
        assertThatThrownBy(() -> read(ImageConfig.MAX_BYTES + 1L))
                .isInstanceOf(ImageFormatException.class)
                .hasMessage("the config " + digest + " has 8388609 bytes, more than the 8388608 that are allowed");
        assertThat(registry.read).isEmpty();
        assertThatThrownBy(() -> read(ImageConfig.MAX_BYTES)).hasMessageContaining("fewer");
    }

    @Test
    void config_thatBreaksOff_mayBeTriedAgain_unlessItWasInterrupted() {
        registry.fault = _ -> broken(new IOException("connection reset"));
        assertThatThrownBy(() -> read(JSON.length))
                .isInstanceOf(RegistryException.Unavailable.class)
                .hasMessage(
                        "reading the config " + digest + " from registry.example/team/app broke off: connection reset");
        registry.fault = _ -> broken(new RegistryException.Unavailable("no bytes came"));
        assertThatThrownBy(() -> read(JSON.length)).hasMessage("no bytes came");
        registry.fault = _ -> broken(new InterruptedIOException());
        assertThatThrownBy(() -> read(JSON.length)).isInstanceOf(InterruptedException.class);
        registry.fault = _ -> {
            Thread.currentThread().interrupt();
            return broken(new IOException("closed"));
        };
        assertThatThrownBy(() -> read(JSON.length)).isInstanceOf(InterruptedException.class);
        assertThat(Thread.interrupted()).isFalse();
    }

    private static InputStream broken(IOException failure) {
        return new InputStream() {
            @Override
            public int read() throws IOException {
                throw failure;
            }

            @Override
            public int read(byte[] buffer, int offset, int length) throws IOException {
                throw failure;
            }
        };
    }
}
