package dev.sheaf.cli.build;

import com.google.protobuf.Duration;
import dev.sheaf.cli.architecture.ArchIgnore;
import dev.sheaf.cli.architecture.CheckWire;
import dev.sheaf.cli.bases.BaseLookup;
import dev.sheaf.cli.bases.BaseResolution;
import dev.sheaf.cli.bases.LockWish;
import dev.sheaf.cli.check.Warnings;
import dev.sheaf.cli.client.CoordinatorClient;
import dev.sheaf.cli.context.BuildContext;
import dev.sheaf.cli.context.BuildContexts;
import dev.sheaf.cli.context.ContextEnvironment;
import dev.sheaf.cli.context.ContextException;
import dev.sheaf.cli.context.ContextRequest;
import dev.sheaf.cli.context.ContextSupplier;
import dev.sheaf.cli.credentials.CredentialException;
import dev.sheaf.cli.credentials.CredentialSelector;
import dev.sheaf.cli.credentials.DockerConfig;
import dev.sheaf.cli.output.TerminalText;
import dev.sheaf.cli.progress.ProgressFollower;
import dev.sheaf.cli.shell.CliException;
import dev.sheaf.cli.shell.ExitCode;
import dev.sheaf.cli.shell.Shell;
import dev.sheaf.dockerfile.BuildSelection;
import dev.sheaf.v1.BasePin;
import dev.sheaf.v1.Build;
import dev.sheaf.v1.BuildSpec;
import dev.sheaf.v1.Platform;
import dev.sheaf.v1.RegistryCredential;
import dev.sheaf.v1.Secret;
import dev.sheaf.v1.SubmitRequest;
import io.grpc.StatusRuntimeException;
import java.nio.file.Path;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Collectors;

/** One {@code sheaf build}, from the context to the result. */
final class BuildRun {
    private final BuildOptions options;
    private final CoordinatorClient client;
    private final Shell shell;

    BuildRun(BuildOptions options, CoordinatorClient client, Shell shell) {
        this.options = options;
        this.client = client;
        this.shell = shell;
    }

    ExitCode run() throws CliException, InterruptedException {
        options.results().files().requireWritable();
        options.results().files().removeOld();
        ProgressFollower follower = new ProgressFollower(options.results().progress(), shell);
        Optional<Build> build;
        try (follower) {
            Cancellation cancellation = new Cancellation(shell, Thread.currentThread(), client, follower);
            shell.interrupts().accept(cancellation::pressed);
            build = follow(follower, cancellation);
        } catch (ContextException e) {
            throw CliException.user(String.valueOf(e.getMessage()));
        } catch (CredentialException e) {
            throw new CliException(ExitCode.AUTHENTICATION, String.valueOf(e.getMessage()));
        }
        return build.isPresent() ? BuildEnd.tell(build.get(), options.results(), follower, shell) : ExitCode.OK;
    }

    /** Empty: detached. */
    private Optional<Build> follow(ProgressFollower follower, Cancellation cancellation)
            throws CliException, ContextException, CredentialException, InterruptedException {
        if (!options.push()) {
            follower.note("=> without --push this build is a check: nothing is kept, no tag moves");
        }
        try (BuildContext context = load();
                ContextSupplier supplier = new ContextSupplier(client.channel(), context)) {
            follower.note("=> context: " + TerminalText.plain(context.describe()));
            Warnings.of(context, selection()).forEach(line -> follower.note("=> " + line));
            SubmitRequest request = request(context, follower);
            if (options.detach()) {
                detach(supplier, request, follower, cancellation);
                return Optional.empty();
            }
            supplier.uploadTree();
            String id = client.submit(request);
            cancellation.submitted(id);
            supplier.supply(id);
            follower.note("=> build " + TerminalText.plain(id));
            Build build = client.watch(id, follower, known -> {
                supplier.uploadTree();
                String again = client.resubmit(request);
                if (!again.equals(known)) {
                    follower.note("=> the farm has forgotten build " + known + "; it is built anew as build "
                            + TerminalText.plain(again));
                    cancellation.submitted(again);
                    supplier.supply(again);
                }
                return again;
            });
            cancellation.ended();
            if (!context.isRemote()) {
                noteSent(supplier, follower);
            }
            supplier.refusals().forEach(refusal -> follower.note("=> " + TerminalText.plain(refusal)));
            return Optional.of(build);
        } catch (StatusRuntimeException e) {
            if (cancellation.isRequested()) {
                throw new InterruptedException("cancelled during a call");
            }
            throw client.failure(e);
        }
    }

    private void detach(
            ContextSupplier supplier, SubmitRequest request, ProgressFollower follower, Cancellation cancellation)
            throws CliException, ContextException, InterruptedException {
        supplier.uploadAll();
        noteSent(supplier, follower);
        String id = client.submit(request);
        cancellation.submitted(id);
        cancellation.ended();
        follower.note("=> the farm goes on by itself; sheaf attach " + TerminalText.plain(id) + " shows it");
        shell.streams().out().println(TerminalText.plain(id));
    }

    private static void noteSent(ContextSupplier supplier, ProgressFollower follower) {
        follower.note(String.format(Locale.ROOT, "=> sent %,d bytes of context", supplier.sentBytes()));
    }

    private BuildContext load() throws ContextException, InterruptedException {
        ContextEnvironment environment = new ContextEnvironment(
                shell.directory(), home(), shell.environment(), shell.streams().in(), shell.clock());
        return new BuildContexts(environment)
                .load(new ContextRequest(options.source(), options.dockerfile(), options.target(), gitSecrets()));
    }

    /** Those secrets by which BuildKit fetches from a private git repository. */
    private Map<String, String> gitSecrets() {
        return options.secrets().stream()
                .filter(secret -> secret.getId().startsWith("GIT_AUTH_"))
                .collect(Collectors.toMap(
                        Secret::getId, secret -> secret.getValue().toStringUtf8()));
    }

    private Path home() {
        return Path.of(shell.variable("HOME").orElse("/"));
    }

    private SubmitRequest request(BuildContext context, ProgressFollower follower)
            throws CliException, CredentialException, InterruptedException {
        List<RegistryCredential> credentials = credentials(context);
        BuildSpec.Builder spec = BuildSpec.newBuilder()
                .addAllTags(options.tagNames())
                .setPush(options.push())
                .setTarget(options.target())
                .putAllBuildArgs(options.buildArgs())
                .putAllLabels(options.labels())
                .setNoCache(options.noCache())
                .setPull(options.pull())
                .setProvenance(options.provenance())
                .setArchitectureCheck(options.architectureCheck())
                .addAllCheckExceptions(ArchIgnore.of(shell.directory().resolve(options.source())).stream()
                        .map(CheckWire::exception)
                        .toList());
        options.platforms()
                .forEach(platform -> spec.addPlatforms(Platform.newBuilder()
                        .setOs(platform.os())
                        .setArchitecture(platform.architecture())
                        .setVariant(platform.variant())));
        options.smoke().ifPresent(spec::setSmoke);
        options.waitForAgents()
                .ifPresent(wait -> spec.setWaitForAgents(Duration.newBuilder().setSeconds(wait.toSeconds())));
        context.describeIn(spec);
        spec.addAllBases(bases(context, credentials, follower));
        return SubmitRequest.newBuilder()
                .setIdempotencyKey(shell.uuids().get().toString())
                .setSpec(spec)
                .addAllCredentials(credentials)
                .addAllSecrets(options.secrets())
                .build();
    }

    /** Resolved here and now, so that no slice sees another version of a base than the others. */
    private List<BasePin> bases(BuildContext context, List<RegistryCredential> credentials, ProgressFollower follower)
            throws CliException, InterruptedException {
        if (context.isRemote()) {
            if (!(options.lock() instanceof LockWish.None)) {
                throw CliException.user("--locked and --write-lock need a Dockerfile on this machine, and engines fetch"
                        + " that of a git context themselves");
            }
            follower.note(
                    "=> the base images are not pinned: engines fetch the Dockerfile themselves; what they took is"
                            + " compared before a tag moves");
            return List.of();
        }
        try (BaseLookup lookup = new BaseLookup(shell, credentials)) {
            BaseResolution resolution =
                    BaseResolution.of(context.dockerfileText(), selection(), options.lock(), lookup::find);
            resolution.images().forEach(image -> follower.note("=> base " + TerminalText.plain(image.words())));
            resolution.unresolved().forEach(line -> follower.note("=> " + TerminalText.plain(line)));
            return resolution.pins();
        }
    }

    private BuildSelection selection() {
        return new BuildSelection(options.target(), options.platforms(), options.buildArgs());
    }

    private List<RegistryCredential> credentials(BuildContext context)
            throws CredentialException, InterruptedException {
        CredentialSelector selector = new CredentialSelector(DockerConfig.load(shell.environment(), home()));
        return context.isRemote()
                ? selector.forUrl(options.tagNames(), options.buildArgs())
                : selector.forTree(options.tagNames(), context.dockerfileText(), options.buildArgs());
    }
}
