package dev.sheaf.image.check;

import dev.sheaf.image.Descriptor;
import dev.sheaf.image.Digest;
import dev.sheaf.image.MediaType;
import dev.sheaf.image.registry.ManifestContent;
import dev.sheaf.image.registry.Registry;
import dev.sheaf.image.registry.RegistryException;
import java.io.ByteArrayInputStream;
import java.io.InputStream;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.UnaryOperator;

/** Contents by digest, with faults that a real registry cannot be made to have. */
final class FakeRegistry implements Registry {
    private final Map<Digest, byte[]> blobs = new HashMap<>();
    private final Map<String, ManifestContent> manifests = new HashMap<>();
    final List<Digest> read = new ArrayList<>();
    UnaryOperator<InputStream> fault = UnaryOperator.identity();

    @Override
    public String host() {
        return "registry.example";
    }

    Digest blob(byte[] content) {
        blobs.put(Digest.of(content), content);
        return Digest.of(content);
    }

    void forget(Digest digest) {
        blobs.remove(digest);
    }

    @Override
    public ManifestContent get(String repository, String reference) throws RegistryException {
        ManifestContent found = manifests.get(reference);
        if (found == null) {
            throw new RegistryException.NotFound("there is no " + reference);
        }
        return found;
    }

    @Override
    public Descriptor put(String repository, String reference, MediaType type, byte[] bytes, Runnable before) {
        ManifestContent content = new ManifestContent(type, bytes);
        manifests.put(reference, content);
        return content.descriptor();
    }

    @Override
    public InputStream blob(String repository, Digest digest) throws RegistryException {
        byte[] found = blobs.get(digest);
        if (found == null) {
            throw new RegistryException.NotFound("there is no blob " + digest);
        }
        read.add(digest);
        return fault.apply(new ByteArrayInputStream(found));
    }

    @Override
    public Optional<Descriptor> head(String repository, String reference) {
        throw new UnsupportedOperationException("a check looks nothing up");
    }

    @Override
    public boolean blobExists(String repository, Digest digest) {
        throw new UnsupportedOperationException("a check looks nothing up");
    }

    @Override
    public void upload(String repository, Digest digest, long size, BlobSource source) {
        throw new UnsupportedOperationException("a check writes nothing");
    }

    @Override
    public boolean mount(String repository, Digest digest, String fromRepository) {
        throw new UnsupportedOperationException("a check writes nothing");
    }
}
