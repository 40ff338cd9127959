package dev.sheaf.architecture;

import static com.tngtech.archunit.base.DescribedPredicate.describe;
import static com.tngtech.archunit.core.domain.JavaClass.Predicates.resideInAnyPackage;
import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.classes;
import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.noClasses;
import static com.tngtech.archunit.library.GeneralCodingRules.ACCESS_STANDARD_STREAMS;
import static com.tngtech.archunit.library.GeneralCodingRules.THROW_GENERIC_EXCEPTIONS;
import static com.tngtech.archunit.library.dependencies.SlicesRuleDefinition.slices;

import com.tngtech.archunit.base.DescribedPredicate;
import com.tngtech.archunit.core.domain.AccessTarget;
import com.tngtech.archunit.core.domain.JavaAccess;
import com.tngtech.archunit.core.domain.JavaClass;
import com.tngtech.archunit.core.domain.JavaClasses;
import com.tngtech.archunit.core.domain.JavaModifier;
import com.tngtech.archunit.junit.ArchTest;
import com.tngtech.archunit.lang.ArchRule;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import org.jspecify.annotations.NullMarked;

/** The rules that hold in every module, for {@code ArchTests.in(HouseRules.class)}. Generated code is left out. */
public final class HouseRules {
    private static final int MAX_TYPES = 12; // top-level types a package

    private static final Set<String> CLOCKS_AND_CHANCE = Set.of(
            "java.time.Instant.now",
            "java.time.LocalDate.now",
            "java.time.LocalDateTime.now",
            "java.time.OffsetDateTime.now",
            "java.time.ZonedDateTime.now",
            "java.time.Clock.system",
            "java.time.Clock.systemUTC",
            "java.time.Clock.systemDefaultZone",
            "java.time.InstantSource.system",
            "java.lang.System.nanoTime",
            "java.lang.System.currentTimeMillis",
            "java.lang.Thread.sleep",
            "java.util.UUID.randomUUID",
            "java.util.Random.<init>",
            "java.util.SplittableRandom.<init>",
            "java.security.SecureRandom.<init>",
            "java.util.random.RandomGenerator.getDefault",
            "java.util.random.RandomGenerator.of",
            "java.util.concurrent.ThreadLocalRandom.current",
            "java.lang.Math.random");

    private static final Pattern EMPTY_NOUN = Pattern.compile(".*(Utils?|Helper|Manager|Impl|Data|Info)");

    private static final DescribedPredicate<JavaClass> GENERATED =
            resideInAnyPackage("dev.sheaf.v1..", "dev.sheaf.buildkit..").as("generated");

    private static final DescribedPredicate<JavaClass> OURS = DescribedPredicate.not(GENERATED)
            .and(describe("not package-info", type -> !type.getSimpleName().equals("package-info")));

    private static final DescribedPredicate<JavaClass> OURS_TOP_LEVEL =
            OURS.and(describe("top-level", type -> type.isTopLevelClass()));

    private static final DescribedPredicate<JavaClass> IN_MAIN = describe(
            "in a class named ...Main", type -> outermost(type).getSimpleName().endsWith("Main"));

    /** No two packages need each other. */
    @ArchTest
    static final ArchRule packages_are_free_of_cycles =
            slices().matching("dev.sheaf.(**)").should().beFreeOfCycles().allowEmptyShould(true);

    /** Time and chance come in from outside, so that tests own them. */
    @ArchTest
    static final ArchRule time_and_chance_are_injected = noClasses()
            .that(OURS.and(DescribedPredicate.not(IN_MAIN)))
            .should()
            .accessTargetWhere(describe("reads a clock, sleeps or rolls dice", HouseRules::isClockOrChance))
            .allowEmptyShould(true);

    /** Classes are final, or say who may extend them. */
    @ArchTest
    static final ArchRule top_level_classes_are_final = classes()
            .that(OURS_TOP_LEVEL
                    .and(DescribedPredicate.not(JavaClass.Predicates.INTERFACES))
                    .and(describe("not an enum", type -> !type.isEnum()))
                    .and(describe("not sealed", type -> !type.reflect().isSealed())))
            .should()
            .haveModifier(JavaModifier.FINAL)
            .allowEmptyShould(true);

    /** A name that says nothing hides a noun that is missing. */
    @ArchTest
    static final ArchRule names_are_nouns_of_the_domain = noClasses()
            .that(OURS)
            .should()
            .haveNameMatching(EMPTY_NOUN.pattern())
            .allowEmptyShould(true);

    /** Failures have a type that callers can tell apart. */
    @ArchTest
    static final ArchRule exceptions_are_specific =
            noClasses().that(OURS).should(THROW_GENERIC_EXCEPTIONS).allowEmptyShould(true);

    /** Only what talks to people writes to the standard streams. */
    @ArchTest
    static final ArchRule standard_streams_belong_to_the_command_line = noClasses()
            .that(OURS.and(DescribedPredicate.not(IN_MAIN))
                    .and(DescribedPredicate.not(
                            resideInAnyPackage("dev.sheaf.cli.output..", "dev.sheaf.cli.progress.."))))
            .should(ACCESS_STANDARD_STREAMS)
            .allowEmptyShould(true);

    /** The domain does not know the wire. */
    @ArchTest
    static final ArchRule domain_does_not_know_the_wire = noClasses()
            .that()
            .resideInAnyPackage("dev.sheaf.image..", "dev.sheaf.coordinator.build..", "dev.sheaf.coordinator.queue..")
            .should()
            .dependOnClassesThat()
            .resideInAnyPackage("io.grpc..", "com.google.protobuf..", "dev.sheaf.v1..", "dev.sheaf.buildkit..")
            .allowEmptyShould(true);

    /** One package talks HTTP to registries. */
    @ArchTest
    static final ArchRule http_is_spoken_in_the_registry_package = noClasses()
            .that(OURS.and(DescribedPredicate.not(resideInAnyPackage("dev.sheaf.image.registry.."))))
            .should()
            .dependOnClassesThat()
            .resideInAPackage("java.net.http..")
            .allowEmptyShould(true);

    private HouseRules() {}

    /** Nothing is null that does not say so. */
    @ArchTest
    static void packages_are_null_marked(JavaClasses classes) {
        Set<String> unmarked = classes.stream()
                .filter(OURS)
                .map(JavaClass::getPackage)
                .filter(owner -> owner.tryGetPackageInfo()
                        .map(marked -> !marked.isAnnotatedWith(NullMarked.class))
                        .orElse(true))
                .map(owner -> owner.getName())
                .collect(Collectors.toSet());
        refuseUnless(unmarked.isEmpty(), "packages without @NullMarked in package-info.java: " + unmarked);
    }

    /** A package that holds more than a dozen types holds two packages. */
    @ArchTest
    static void packages_are_small(JavaClasses classes) {
        Map<String, Long> crowded = classes.stream()
                .filter(OURS_TOP_LEVEL)
                .collect(Collectors.groupingBy(JavaClass::getPackageName, TreeMap::new, Collectors.counting()));
        crowded.values().removeIf(count -> count <= MAX_TYPES);
        refuseUnless(crowded.isEmpty(), "packages with more than " + MAX_TYPES + " top-level types: " + crowded);
    }

    private static void refuseUnless(boolean held, String message) {
        if (!held) {
            throw new AssertionError(message);
        }
    }

    private static boolean isClockOrChance(JavaAccess<?> access) {
        AccessTarget target = access.getTarget();
        return CLOCKS_AND_CHANCE.contains(target.getOwner().getName() + "." + target.getName());
    }

    private static JavaClass outermost(JavaClass type) {
        JavaClass outer = type;
        while (outer.getEnclosingClass().isPresent()) {
            outer = outer.getEnclosingClass().get();
        }
        return outer;
    }
}
