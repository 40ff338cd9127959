package dev.sheaf.agent;

import dev.sheaf.agent.engine.Engine;
import dev.sheaf.agent.engine.EngineReport;
import dev.sheaf.agent.engine.SolveFailure;
import dev.sheaf.agent.engine.SolveListener;
import dev.sheaf.agent.engine.SolveRequest;
import dev.sheaf.agent.engine.SolveResult;
import dev.sheaf.v1.Failure;
import dev.sheaf.v1.FailureClass;
import dev.sheaf.v1.Platform;
import java.util.List;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.LinkedBlockingQueue;

/** An engine that does as it is told. */
public final class FakeEngine implements Engine {
    public static final String DIGEST = "sha256:" + "a".repeat(64);
    public static final EngineReport.Facts FACTS =
            new EngineReport.Facts(true, "29.9.0", "v0.31.2", EngineReport.Store.CONTAINERD, "/var/lib/docker");
    public static final Platform AMD64 = platform("amd64");
    public static final Platform ARM64 = platform("arm64");

    public final BlockingQueue<SolveRequest> begun = new LinkedBlockingQueue<>();
    public final CountDownLatch finish = new CountDownLatch(1);
    public final CountDownLatch dies = new CountDownLatch(1);
    public final CountDownLatch interrupted = new CountDownLatch(1);
    public volatile EngineReport report = new EngineReport("fake", FACTS, List.of(AMD64), "");
    public volatile boolean answers = true;

    public static Platform platform(String architecture) {
        return Platform.newBuilder()
                .setOs("linux")
                .setArchitecture(architecture)
                .build();
    }

    /** Runs builds into a failure of its own, and is away from then on. */
    public void die(String problem) {
        report = new EngineReport("fake", FACTS, List.of(), problem);
        answers = false;
        dies.countDown();
        finish.countDown();
    }

    @Override
    public EngineReport probe() {
        return report;
    }

    @Override
    public boolean answers() {
        return answers;
    }

    @Override
    public SolveResult solve(SolveRequest request, SolveListener listener) throws SolveFailure, InterruptedException {
        begun.add(request);
        try {
            finish.await();
        } catch (InterruptedException e) {
            interrupted.countDown();
            throw e;
        }
        if (dies.getCount() == 0) {
            throw new SolveFailure(Failure.newBuilder()
                    .setKind(FailureClass.FAILURE_CLASS_INFRASTRUCTURE)
                    .setMessage(report.problem())
                    .build());
        }
        return new SolveResult(DIGEST);
    }

    @Override
    public void close() {
        // Nothing to close.
    }
}
