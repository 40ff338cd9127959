package dev.sheaf.coordinator.identity;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

final class FailedAttemptsTest {
    private final AtomicLong nanos = new AtomicLong();
    private final FailedAttempts failures = new FailedAttempts(nanos::get);

    private void fail(String host) {
        for (int i = 0; i < FailedAttempts.MOST; i++) {
            failures.failed(host);
        }
    }

    private boolean isRefused(String host) {
        try {
            failures.requireFew(host);
            return false;
        } catch (DeniedException e) {
            return true;
        }
    }

    @ParameterizedTest
    @CsvSource({
        "192.0.2.1,               192.0.2.1,              true",
        "192.0.2.1,               192.0.2.2,              false",
        "::ffff:192.0.2.1,        192.0.2.1,              true",
        "::ffff:192.0.2.1,        ::ffff:192.0.2.2,       false",
        "2001:db8:0:1::1,         2001:db8:0:1:ffff::2,   true",
        "2001:db8:0:1::1,         2001:db8:0:2::1,        false",
        "fe80::1%eth0,            fe80::2%eth1,           true",
        "2001:db8:0:1::1,         192.0.2.1,              false",
    })
    void whoFailed_isItsAddressOrItsNetwork(String failed, String next, boolean isSame) {
        fail(failed);
        assertThat(isRefused(failed)).isTrue();
        assertThat(isRefused(next)).isEqualTo(isSame);
    }

    @Test
    void refusal_namesThePlace_andEndsAfterAMinute() {
        for (int i = 1; i <= FailedAttempts.MOST; i++) {
            assertThat(isRefused("2001:db8::1")).as("after %s", i - 1).isFalse();
            failures.failed("2001:db8::" + i);
        }
        assertThat(org.assertj.core.api.Assertions.catchThrowable(() -> failures.requireFew("2001:db8::9")))
                .hasMessageContaining("came from 2001:db8:0:0:0:0:0:0/64 within a minute");
        nanos.addAndGet(Duration.ofSeconds(59).toNanos());
        assertThat(isRefused("2001:db8::9")).isTrue();
        nanos.addAndGet(Duration.ofSeconds(2).toNanos());
        assertThat(isRefused("2001:db8::9")).isFalse();
    }

    @Test
    void places_areBounded() {
        for (int i = 0; i < 3 * FailedAttempts.MAX_PLACES; i++) {
            failures.failed("2001:db8:" + Integer.toHexString(i >> 16) + ":" + Integer.toHexString(i & 0xffff) + "::1");
        }
        assertThat(failures.size()).isBetween(1L, (long) FailedAttempts.MAX_PLACES);
    }
}
