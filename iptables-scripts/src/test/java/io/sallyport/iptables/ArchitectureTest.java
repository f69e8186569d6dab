package io.sallyport.iptables;

import static com.tngtech.archunit.library.Architectures.layeredArchitecture;
import static org.assertj.core.api.Assertions.assertThat;

import com.tngtech.archunit.core.domain.JavaClass;
import com.tngtech.archunit.core.domain.JavaClasses;
import com.tngtech.archunit.core.domain.JavaModifier;
import com.tngtech.archunit.core.importer.ClassFileImporter;
import com.tngtech.archunit.core.importer.ImportOption;
import com.tngtech.archunit.library.dependencies.SlicesRuleDefinition;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Test;

class ArchitectureTest {

    private static final JavaClasses CLASSES =
            new ClassFileImporter()
                    .withImportOption(new ImportOption.DoNotIncludeTests())
                    .importPackages("io.sallyport.iptables");

    @Test
    void arrowsGoOneWay() {
        String root = "io.sallyport.iptables.";
        layeredArchitecture()
                .consideringOnlyDependenciesInLayers()
                .withOptionalLayers(true)
                .layer("cni")
                .definedBy(root + "cni..")
                .layer("firewall")
                .definedBy(root + "firewall..")
                .layer("conntrack")
                .definedBy(root + "conntrack..")
                .layer("apply")
                .definedBy(root + "apply..")
                .layer("netlink")
                .definedBy(root + "netlink..")
                .layer("script")
                .definedBy(root + "script..")
                .layer("block")
                .definedBy(root + "block..")
                .whereLayer("firewall")
                .mayOnlyBeAccessedByLayers("cni")
                .whereLayer("conntrack")
                .mayOnlyBeAccessedByLayers("firewall")
                .whereLayer("apply")
                .mayOnlyBeAccessedByLayers("firewall", "cni")
                .whereLayer("netlink")
                .mayOnlyBeAccessedByLayers("firewall", "conntrack")
                .whereLayer("script")
                .mayOnlyBeAccessedByLayers("firewall")
                .whereLayer("block")
                .mayOnlyBeAccessedByLayers("firewall", "conntrack", "script")
                .check(CLASSES);
        SlicesRuleDefinition.slices()
                .matching(root + "(*)..")
                .should()
                .beFreeOfCycles()
                .check(CLASSES);
    }

    @Test
    void knowsNoOtherModule() {
        assertThat(
                        CLASSES.stream()
                                .flatMap(each -> each.getDirectDependenciesFromSelf().stream())
                                .map(dependency -> dependency.getTargetClass().getPackageName())
                                .filter(name ->
                                        name.startsWith("io.sallyport.")
                                                && !name.startsWith("io.sallyport.iptables")))
                .isEmpty();
    }

    @Test
    void eachPackageHasOnePublicTopLevelType() {
        Map<String, List<JavaClass>> types =
                CLASSES.stream()
                        .filter(each ->
                                each.isTopLevelClass()
                                        && each.getModifiers().contains(JavaModifier.PUBLIC))
                        .collect(Collectors.groupingBy(JavaClass::getPackageName));
        assertThat(types)
                .hasSizeGreaterThanOrEqualTo(6)
                .allSatisfy((name, each) -> assertThat(each).hasSize(1));
    }
}
