package io.sallyport.sync.cli;

import io.sallyport.resolver.pattern.DomainPattern;
import io.sallyport.sync.settings.Settings;
import io.sallyport.sync.settings.Settings.Change;
import io.sallyport.sync.settings.Settings.Internal;
import io.sallyport.sync.settings.Settings.Level;
import io.sallyport.sync.settings.Settings.Port;
import io.sallyport.sync.settings.Settings.RecordType;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Callable;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** {@code sallyport org set …}: everything that is not a domain list, in one change. */
@Command(
        name = "set",
        description =
                "Change internet access, level, ports, record types or internal domains, all in one change.",
        mixinStandardHelpOptions = true)
final class OrgSetCommand implements Callable<Integer> {
    @Mixin private StoreOption store = new StoreOption();

    @Mixin private ChangeOption change = new ChangeOption();

    @Parameters(paramLabel = "NAME")
    @SuppressWarnings("NullAway.Init") // picocli sets it
    private String name;

    @Option(
            names = "--internet",
            paramLabel = "on|off",
            description = "Internet access as a whole.")
    private @Nullable String internet;

    @Option(
            names = "--level",
            paramLabel = "LEVEL",
            description = "none, connections, package-managers, common-dependencies or all.")
    private @Nullable String level;

    @Option(
            names = "--port",
            paramLabel = "PORT",
            split = ",",
            description =
                    "The ports, such as tcp/443; replaces those there are. \"default\": tcp 22, 80, 443, udp 443.")
    private @Nullable List<String> ports;

    @Option(
            names = "--type",
            paramLabel = "TYPE",
            split = ",",
            description =
                    "The DNS record types; replaces those there are. \"default\": A, AAAA, CNAME, PTR.")
    private @Nullable List<String> types;

    @Option(
            names = "--internal",
            paramLabel = "PATTERN=CIDR",
            description =
                    "A domain that may resolve to private blocks; without blocks it is taken away.")
    private @Nullable List<String> internal;

    @Option(
            names = "--ancestors",
            paramLabel = "nxdomain|nodata",
            description = "How a denied name above an allowed one is answered.")
    private @Nullable String ancestors;

    @Override
    public Integer call() throws Exception {
        List<Change> changes = changes();
        if (changes.isEmpty()) {
            throw new IllegalArgumentException(
                    "nothing to set; give --internet, --level, --port, --type, --internal or"
                            + " --ancestors (domains are set by org allow, org deny and org remove)");
        }
        try (Orgs orgs = store.open()) {
            return change.told(orgs.change(name, changes, change.terms()));
        }
    }

    private List<Change> changes() {
        List<Change> changes = new ArrayList<>();
        if (internet != null) {
            changes.add(new Change.SetInternet(Words.onOrOff("--internet", internet)));
        }
        if (level != null) {
            changes.add(new Change.SetLevel(Level.parse(level)));
        }
        if (ports != null) {
            changes.add(new Change.SetPorts(listOrDefault(ports, Port.DEFAULTS, Port::parse)));
        }
        if (types != null) {
            changes.add(
                    new Change.SetTypes(
                            listOrDefault(types, RecordType.DEFAULTS, RecordType::parse)));
        }
        if (internal != null) {
            internal.forEach(text -> changes.add(internal(text)));
        }
        if (ancestors != null) {
            changes.add(new Change.SetAncestors(Settings.ancestors(ancestors)));
        }
        return changes;
    }

    private static <T> List<T> listOrDefault(
            List<String> texts, List<T> defaults, Function<String, T> reader) {
        return texts.equals(List.of("default")) ? defaults : texts.stream().map(reader).toList();
    }

    private static Change internal(String text) {
        return text.endsWith("=")
                ? new Change.RemoveInternal(
                        DomainPattern.parse(text.substring(0, text.length() - 1)))
                : new Change.SetInternal(Internal.parse(text));
    }
}
