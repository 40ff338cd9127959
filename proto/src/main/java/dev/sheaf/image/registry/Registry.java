package dev.sheaf.image.registry;

import dev.sheaf.image.Descriptor;
import dev.sheaf.image.Digest;
import dev.sheaf.image.ImageConfig;
import dev.sheaf.image.ImageFormatException;
import dev.sheaf.image.MediaType;
import java.io.IOException;
import java.io.InputStream;
import java.io.InterruptedIOException;
import java.util.Optional;

/**
 * One registry, called with one set of credentials. Calls block, retry what is worth it, and fail with a
 * {@link RegistryException} whose message is one sentence. Nothing that a registry says about bytes is believed: digests
 * are computed here.
 */
public interface Registry {
    /** The registry as image references name it, such as {@code docker.io} or {@code 127.0.0.1:5000}. */
    String host();

    /** The manifest or index behind a tag or digest, byte for byte. */
    ManifestContent get(String repository, String reference) throws RegistryException, InterruptedException;

    /** What a tag or digest points at now, or nothing. */
    Optional<Descriptor> head(String repository, String reference) throws RegistryException, InterruptedException;

    /** Puts a manifest or index under a tag or its digest. */
    default Descriptor put(String repository, String reference, MediaType mediaType, byte[] bytes)
            throws RegistryException, InterruptedException {
        return put(repository, reference, mediaType, bytes, () -> {});
    }

    /**
     * Puts a manifest or index under a tag or its digest.
     *
     * @param before runs right before each request that writes, repetitions too; what it throws ends the call
     */
    Descriptor put(String repository, String reference, MediaType mediaType, byte[] bytes, Runnable before)
            throws RegistryException, InterruptedException;

    /**
     * Takes a tag away, and never what it points at on purpose; some registries remove that too if nothing else names
     * it. False: this registry does not do that, or not for us.
     */
    default boolean untag(String repository, String tag) throws RegistryException, InterruptedException {
        return false;
    }

    /** Whether the repository has this blob. */
    boolean blobExists(String repository, Digest digest) throws RegistryException, InterruptedException;

    /** A blob; reading its end throws {@link RegistryException.Inconsistent} if the bytes were not the digest's. */
    InputStream blob(String repository, Digest digest) throws RegistryException, InterruptedException;

    /**
     * The config that a manifest names, whole.
     *
     * @throws ImageFormatException if it is larger than one may be, or none
     */
    default ImageConfig config(String repository, Descriptor config) throws RegistryException, InterruptedException {
        return ImageConfig.parse(whole(repository, config, "the config", ImageConfig.MAX_BYTES));
    }

    /**
     * A small blob, whole, and checked against its descriptor.
     *
     * @param what it is, for messages
     * @param most bytes that it may have
     * @throws ImageFormatException if it is larger
     */
    default byte[] whole(String repository, Descriptor blob, String what, int most)
            throws RegistryException, InterruptedException {
        String named = what + " " + blob.digest();
        if (blob.size() > most) {
            throw new ImageFormatException(
                    named + " has " + blob.size() + " bytes, more than the " + most + " that are allowed");
        }
        byte[] bytes;
        try (InputStream in = blob(repository, blob.digest())) {
            bytes = in.readNBytes((int) blob.size() + 1); // so that the end is seen, where the digest is checked
        } catch (RegistryException e) {
            throw e;
        } catch (IOException e) {
            if (e instanceof InterruptedIOException || Thread.interrupted()) {
                throw new InterruptedException("reading " + named + " was interrupted");
            }
            throw new RegistryException.Unavailable(
                    "reading " + named + " from " + host() + "/" + repository + " broke off: " + e.getMessage());
        }
        if (bytes.length != blob.size()) {
            throw new RegistryException.Inconsistent(named + " has " + (bytes.length > blob.size() ? "more" : "fewer")
                    + " than the " + blob.size() + " bytes that its manifest states");
        }
        if (!Digest.of(bytes).equals(blob.digest())) {
            throw new RegistryException.Inconsistent(named + " of " + host() + "/" + repository + " has other content");
        }
        return bytes;
    }

    /** Uploads a blob of a known size in bytes; the source is opened again for each try. */
    void upload(String repository, Digest digest, long size, BlobSource source)
            throws RegistryException, InterruptedException;

    /** Makes a blob of another repository of this registry appear here; false if the registry would rather not. */
    boolean mount(String repository, Digest digest, String fromRepository)
            throws RegistryException, InterruptedException;

    /** Opens the same bytes as often as asked. */
    @FunctionalInterface
    interface BlobSource {
        /** A fresh stream from the first byte. */
        InputStream open() throws IOException;
    }
}
