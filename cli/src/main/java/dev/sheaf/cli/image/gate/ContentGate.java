package dev.sheaf.cli.image.gate;

import dev.sheaf.cli.image.SideBySide;
import dev.sheaf.image.arch.Image;
import dev.sheaf.image.arch.PlatformRules;
import dev.sheaf.image.arch.Policy;
import dev.sheaf.image.check.CheckReport;
import dev.sheaf.image.check.ImageCheck;
import dev.sheaf.image.layer.LayerLimits;
import dev.sheaf.image.registry.RegistryException;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.List;

/** Checks the images of one index, a few at a time, and then what can only be seen of all of them together. */
public final class ContentGate {
    /** Unpacking takes the processor: more at a time would only take more memory. */
    private static final int AT_A_TIME = 2;

    private final InstantSource clock;

    public ContentGate(InstantSource clock) {
        this.clock = clock;
    }

    /** What is found; the images in their order. */
    public Verdict judge(List<ImageCheck.Subject> images, Policy policy)
            throws RegistryException, InterruptedException {
        ImageCheck check = new ImageCheck(new HeldLayers(), LayerLimits.DEFAULT, clock);
        List<CheckReport> reports = SideBySide.map(images, AT_A_TIME, image -> check.check(image, policy));
        List<Verdict.Checked> checked = new ArrayList<>();
        List<Image> readable = new ArrayList<>();
        for (int i = 0; i < images.size(); i++) {
            checked.add(new Verdict.Checked(images.get(i).platform(), reports.get(i)));
            reports.get(i).image().ifPresent(readable::add);
        }
        return new Verdict(checked, PlatformRules.judge(readable, policy));
    }
}
