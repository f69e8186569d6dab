package io.sallyport.resolver;

import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.noClasses;
import static com.tngtech.archunit.library.dependencies.SlicesRuleDefinition.slices;

import com.tngtech.archunit.core.domain.JavaClass;
import com.tngtech.archunit.core.domain.JavaModifier;
import com.tngtech.archunit.core.importer.ImportOption.DoNotIncludeTests;
import com.tngtech.archunit.junit.AnalyzeClasses;
import com.tngtech.archunit.junit.ArchTest;
import com.tngtech.archunit.lang.ArchRule;
import io.sallyport.resolver.filter.AddressFilter;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;
import org.assertj.core.api.Assertions;

/** The arrows between packages, and one public noun a package. */
@AnalyzeClasses(packages = "io.sallyport.resolver", importOptions = DoNotIncludeTests.class)
class ArchitectureTest {

    @ArchTest
    static final ArchRule PACKAGES_HAVE_NO_CYCLES =
            slices().matching("io.sallyport.resolver.(*)..").should().beFreeOfCycles();

    @ArchTest
    static final ArchRule RESOLVER_KNOWS_NO_FIREWALL_AND_NO_SESSIONS =
            noClasses()
                    .should()
                    .dependOnClassesThat()
                    .resideInAnyPackage("io.sallyport.iptables..", "io.sallyport.sync..");

    /**
     * It writes a dot inside a label like one between labels, so its names can never be compared.
     */
    @ArchTest
    static final ArchRule NO_NAMES_AS_TEXT =
            noClasses()
                    .should()
                    .dependOnClassesThat()
                    .resideInAnyPackage("io.netty.handler.codec.dns..");

    /** 200 ms of CPU for one crafted message: only for the validator, off the event loops. */
    @ArchTest
    static final ArchRule NO_SLOW_PARSER =
            noClasses()
                    .that()
                    .resideOutsideOfPackage("io.sallyport.resolver.validate..")
                    .should()
                    .dependOnClassesThat()
                    .resideInAnyPackage("org.xbill..");

    /** What is not sieved is for nobody but the validator. */
    @ArchTest
    static final ArchRule NOTHING_WHOLE_FOR_CLIENTS =
            noClasses()
                    .that()
                    .resideOutsideOfPackages(
                            "io.sallyport.resolver.validate..", "io.sallyport.resolver.filter..")
                    .should()
                    .accessField(AddressFilter.class, "WHOLE");

    @ArchTest
    static final ArchRule NO_JDK_IDN =
            noClasses().should().dependOnClassesThat().haveFullyQualifiedName("java.net.IDN");

    @ArchTest
    static void onePublicTypeAPackage(com.tngtech.archunit.core.domain.JavaClasses classes) {
        Map<String, List<String>> byPackage =
                classes.stream()
                        .filter(type ->
                                type.isTopLevelClass()
                                        && type.getModifiers().contains(JavaModifier.PUBLIC))
                        .filter(type -> !type.getSimpleName().equals("package-info"))
                        .collect(
                                Collectors.groupingBy(
                                        JavaClass::getPackageName,
                                        Collectors.mapping(
                                                JavaClass::getSimpleName, Collectors.toList())));

        Assertions.assertThat(byPackage)
                .allSatisfy((name, types) ->
                        Assertions.assertThat(types).as("public types of %s", name).hasSize(1));
    }
}
