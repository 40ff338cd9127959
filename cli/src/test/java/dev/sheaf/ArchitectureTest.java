package dev.sheaf;

import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.noClasses;

import com.tngtech.archunit.core.importer.ImportOption;
import com.tngtech.archunit.junit.AnalyzeClasses;
import com.tngtech.archunit.junit.ArchTest;
import com.tngtech.archunit.junit.ArchTests;
import com.tngtech.archunit.lang.ArchRule;
import dev.sheaf.architecture.HouseRules;

@AnalyzeClasses(packages = "dev.sheaf.cli", importOptions = ImportOption.DoNotIncludeTests.class)
final class ArchitectureTest {
    @ArchTest
    static final ArchTests HOUSE_RULES = ArchTests.in(HouseRules.class);

    @ArchTest
    static final ArchRule views_and_reports_do_not_call_the_farm = noClasses()
            .that()
            .resideInAnyPackage("dev.sheaf.cli.output..", "dev.sheaf.cli.shell..")
            .should()
            .dependOnClassesThat()
            .resideInAnyPackage("io.grpc..", "picocli..");
}
