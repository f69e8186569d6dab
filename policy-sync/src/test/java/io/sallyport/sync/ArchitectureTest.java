package io.sallyport.sync;

import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.noClasses;
import static com.tngtech.archunit.library.dependencies.SlicesRuleDefinition.slices;
import static org.assertj.core.api.Assertions.assertThat;

import com.tngtech.archunit.core.domain.JavaClass;
import com.tngtech.archunit.core.domain.JavaClasses;
import com.tngtech.archunit.core.domain.JavaModifier;
import com.tngtech.archunit.core.importer.ImportOption;
import com.tngtech.archunit.core.importer.Location;
import com.tngtech.archunit.junit.AnalyzeClasses;
import com.tngtech.archunit.junit.ArchTest;
import com.tngtech.archunit.lang.ArchRule;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;

/** The arrows between modules and rooms. */
@AnalyzeClasses(
        packages = "io.sallyport",
        importOptions = {
            ImportOption.DoNotIncludeTests.class,
            ArchitectureTest.WithoutFixtures.class
        })
class ArchitectureTest {
    /** The namespace fixtures come in a jar that looks like any other. */
    static final class WithoutFixtures implements ImportOption {
        @Override
        public boolean includes(Location location) {
            return !location.contains("/netns/");
        }
    }

    @ArchTest
    static final ArchRule RESOLVER_KNOWS_NEITHER_FIREWALL_NOR_SESSIONS =
            noClasses()
                    .that()
                    .resideInAPackage("io.sallyport.resolver..")
                    .should()
                    .dependOnClassesThat()
                    .resideInAnyPackage("io.sallyport.iptables..", "io.sallyport.sync..");

    @ArchTest
    static final ArchRule FIREWALL_KNOWS_NEITHER_RESOLVER_NOR_SESSIONS =
            noClasses()
                    .that()
                    .resideInAPackage("io.sallyport.iptables..")
                    .should()
                    .dependOnClassesThat()
                    .resideInAnyPackage("io.sallyport.resolver..", "io.sallyport.sync..");

    @ArchTest
    static final ArchRule ONLY_THE_PROGRAM_KNOWS_THE_COMMANDS =
            noClasses()
                    .that()
                    .resideOutsideOfPackages("io.sallyport.sync.cli..", "io.sallyport.sync")
                    .should()
                    .dependOnClassesThat()
                    .resideInAPackage("io.sallyport.sync.cli..");

    @ArchTest
    static final ArchRule SETTINGS_SIDE_DOES_NOT_KNOW_THE_NODE_SIDE =
            noClasses()
                    .that()
                    .resideInAnyPackage(
                            "..sync.preset..",
                            "..sync.settings..",
                            "..sync.store..",
                            "..sync.snapshot..",
                            "..sync.source..",
                            "..sync.explain..")
                    .should()
                    .dependOnClassesThat()
                    .resideInAnyPackage(
                            "..sync.node..",
                            "..sync.session..",
                            "..sync.journal..",
                            "..sync.sandbox..",
                            "..sync.api..",
                            "..sync.enforcement..");

    @ArchTest
    static final ArchRule ROOMS_HAVE_NO_CIRCLES =
            slices().matching("io.sallyport.(*).(*)..").should().beFreeOfCycles();

    @ArchTest
    static void everyRoomHasOneDoor(JavaClasses classes) {
        Map<String, List<String>> doors =
                classes.stream()
                        .filter(JavaClass::isTopLevelClass)
                        .filter(type -> type.getModifiers().contains(JavaModifier.PUBLIC))
                        .collect(
                                Collectors.groupingBy(
                                        JavaClass::getPackageName,
                                        Collectors.mapping(
                                                JavaClass::getSimpleName, Collectors.toList())));

        assertThat(doors).allSatisfy((room, types) -> assertThat(types).as(room).hasSize(1));
    }
}
