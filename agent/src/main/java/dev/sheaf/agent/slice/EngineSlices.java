package dev.sheaf.agent.slice;

import dev.sheaf.agent.engine.Engine;
import dev.sheaf.agent.engine.SolveFailure;
import dev.sheaf.agent.engine.SolveRequest;
import dev.sheaf.agent.engine.session.ContextFiles;
import dev.sheaf.agent.engine.session.ContextUnavailableException;
import dev.sheaf.agent.slice.smoke.SmokeTest;
import dev.sheaf.v1.Assignment;
import dev.sheaf.v1.BuildSpec;
import dev.sheaf.v1.LeaseRef;
import dev.sheaf.v1.Outcome;
import dev.sheaf.v1.Pushed;
import java.io.IOException;
import java.util.function.Function;

/** Builds slices on this host's engine, and runs what was built if the build asks for it. */
public final class EngineSlices implements SliceRunner {
    private final Engine engine;
    private final Contexts contexts;
    private final Function<LeaseRef, ReportStream> reports;
    private final SmokeTest smoke;

    /** Where the files of a build come from. */
    @FunctionalInterface
    public interface Contexts {
        /** Fetches the list of files; contents come later, when the engine asks. */
        ContextFiles open(LeaseRef lease, String treeDigest) throws IOException, InterruptedException;
    }

    public EngineSlices(Engine engine, Contexts contexts, Function<LeaseRef, ReportStream> reports, SmokeTest smoke) {
        this.engine = engine;
        this.contexts = contexts;
        this.reports = reports;
        this.smoke = smoke;
    }

    @Override
    public Outcome run(Assignment assignment) throws InterruptedException {
        BuildSpec spec = assignment.getSpec();
        ContextFiles files;
        try {
            files = spec.getContextCase() == BuildSpec.ContextCase.TREE_DIGEST
                    ? contexts.open(assignment.getLease(), spec.getTreeDigest())
                    : ContextFiles.none();
        } catch (ContextUnavailableException e) {
            return Outcomes.failed(e.kind(), assignment, String.valueOf(e.getMessage()));
        } catch (IOException e) {
            return Outcomes.infrastructure(assignment, String.valueOf(e.getMessage()));
        }
        SolveRequest request = new SolveRequest(
                attempt(assignment),
                assignment.getPlatform(),
                spec,
                assignment.getRepositoriesList(),
                assignment.getCredentialsList(),
                assignment.getSecretsList(),
                files,
                false);
        try (ReportStream report = reports.apply(assignment.getLease())) {
            String digest = engine.solve(request, report::add).digest();
            smoke.run(request, digest, report::add);
            return Outcome.newBuilder()
                    .setPushed(Pushed.newBuilder().setDigest(digest))
                    .build();
        } catch (SolveFailure e) {
            return Outcomes.failed(e.failure());
        }
    }

    /** "BUILD-amd64-17": no other attempt has the fence. */
    private static String attempt(Assignment assignment) {
        LeaseRef lease = assignment.getLease();
        String architecture = assignment.getPlatform().getArchitecture()
                + assignment.getPlatform().getVariant();
        return lease.getBuildId() + "-" + architecture + "-" + lease.getFence();
    }
}
