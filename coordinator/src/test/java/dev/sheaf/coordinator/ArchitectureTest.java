package dev.sheaf.coordinator;

import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.noClasses;

import com.tngtech.archunit.core.importer.ImportOption;
import com.tngtech.archunit.junit.AnalyzeClasses;
import com.tngtech.archunit.junit.ArchTest;
import com.tngtech.archunit.junit.ArchTests;
import com.tngtech.archunit.lang.ArchRule;
import dev.sheaf.architecture.HouseRules;

@AnalyzeClasses(packages = "dev.sheaf.coordinator", importOptions = ImportOption.DoNotIncludeTests.class)
final class ArchitectureTest {
    @ArchTest
    static final ArchTests HOUSE_RULES = ArchTests.in(HouseRules.class);

    @ArchTest
    static final ArchRule the_core_does_not_know_its_edges = noClasses()
            .that()
            .resideInAnyPackage(
                    "..coordinator.build..",
                    "..coordinator.agents..",
                    "..coordinator.queue..",
                    "..coordinator.dispatch..",
                    "..coordinator.store..")
            .should()
            .dependOnClassesThat()
            .resideInAnyPackage(
                    "..coordinator.context..", "..coordinator.log..", "..coordinator.publish..", "..coordinator.rpc..");

    @ArchTest
    static final ArchRule grpc_is_spoken_in_rpc_only = noClasses()
            .that()
            .resideOutsideOfPackages("..coordinator.rpc..")
            .should()
            .dependOnClassesThat()
            .resideInAnyPackage("io.grpc..");

    @ArchTest
    static final ArchRule contexts_and_logs_stand_alone = noClasses()
            .that()
            .resideInAnyPackage("..coordinator.context..", "..coordinator.log..")
            .should()
            .dependOnClassesThat()
            .resideInAnyPackage(
                    "..coordinator.build..",
                    "..coordinator.queue..",
                    "..coordinator.dispatch..",
                    "..coordinator.publish..",
                    "..coordinator.rpc..");
}
