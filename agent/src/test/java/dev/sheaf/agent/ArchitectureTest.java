package dev.sheaf.agent;

import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.classes;
import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.noClasses;

import com.tngtech.archunit.core.importer.ImportOption;
import com.tngtech.archunit.junit.AnalyzeClasses;
import com.tngtech.archunit.junit.ArchTest;
import com.tngtech.archunit.junit.ArchTests;
import com.tngtech.archunit.lang.ArchRule;
import dev.sheaf.architecture.HouseRules;

@AnalyzeClasses(packages = "dev.sheaf.agent", importOptions = ImportOption.DoNotIncludeTests.class)
final class ArchitectureTest {
    @ArchTest
    static final ArchTests HOUSE_RULES = ArchTests.in(HouseRules.class);

    @ArchTest
    static final ArchRule host_knows_only_values = noClasses()
            .that()
            .resideInAPackage("dev.sheaf.agent.host..")
            .should()
            .dependOnClassesThat()
            .resideInAnyPackage(
                    "io.grpc..",
                    "com.google.protobuf..",
                    "dev.sheaf.v1..",
                    "dev.sheaf.agent.engine..",
                    "dev.sheaf.agent.session..",
                    "dev.sheaf.agent.slice..",
                    "dev.sheaf.agent.offer..");

    @ArchTest
    static final ArchRule engine_knows_nothing_else_of_the_agent = noClasses()
            .that()
            .resideInAPackage("dev.sheaf.agent.engine..")
            .should()
            .dependOnClassesThat()
            .resideInAnyPackage(
                    "dev.sheaf.agent.host..",
                    "dev.sheaf.agent.session..",
                    "dev.sheaf.agent.slice..",
                    "dev.sheaf.agent.context..",
                    "dev.sheaf.agent.offer..");

    @ArchTest
    static final ArchRule session_does_not_know_engines = noClasses()
            .that()
            .resideInAPackage("dev.sheaf.agent.session..")
            .should()
            .dependOnClassesThat()
            .resideInAnyPackage("dev.sheaf.agent.engine..", "dev.sheaf.agent.context..", "dev.sheaf.agent.host..");

    @ArchTest
    static final ArchRule slices_do_not_know_the_session = noClasses()
            .that()
            .resideInAPackage("dev.sheaf.agent.slice..")
            .should()
            .dependOnClassesThat()
            .resideInAnyPackage("dev.sheaf.agent.session..", "dev.sheaf.agent.host..", "dev.sheaf.agent.context..");

    @ArchTest
    static final ArchRule only_the_program_knows_all = classes()
            .that()
            .resideInAPackage("dev.sheaf.agent")
            .should()
            .onlyHaveDependentClassesThat()
            .resideInAPackage("dev.sheaf.agent");

    @ArchTest
    static final ArchRule programs_are_started_by_the_host_reader = noClasses()
            .that()
            .resideOutsideOfPackage("dev.sheaf.agent.host..")
            .should()
            .dependOnClassesThat()
            .areAssignableTo(ProcessBuilder.class);
}
