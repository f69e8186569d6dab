package io.sallyport.sync.settings;

import io.sallyport.resolver.address.Cidr;
import io.sallyport.resolver.pattern.DomainPattern;
import io.sallyport.resolver.policy.Policy.Ancestors;
import io.sallyport.sync.document.Document;
import io.sallyport.sync.document.Document.Fields;
import io.sallyport.sync.settings.Settings.Internal;
import io.sallyport.sync.settings.Settings.Level;
import io.sallyport.sync.settings.Settings.Port;
import io.sallyport.sync.settings.Settings.RecordType;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.function.Function;

/**
 * Settings as a document, version 1. Frozen: snapshots of format 1 are written with it, and their
 * digests must stay; a new field is a version 2.
 */
final class SettingsV1 {
    private SettingsV1() {}

    static Map<String, Object> document(Settings settings) {
        Map<String, Object> document = new TreeMap<>();
        document.put("internet-access", settings.internet());
        document.put("level", settings.level().text());
        document.put("allow", texts(settings.allow()));
        document.put("deny", texts(settings.deny()));
        document.put("ports", texts(settings.ports()));
        document.put("types", texts(settings.types()));
        document.put("internal", internal(settings.internal()));
        document.put("ancestors", Changes.lower(settings.ancestors()));
        return document;
    }

    private static Map<String, Object> internal(List<Internal> internal) {
        Map<String, Object> blocks = new TreeMap<>();
        internal.forEach(domain -> blocks.put(domain.pattern().toString(), texts(domain.blocks())));
        return blocks;
    }

    private static List<String> texts(List<?> items) {
        return items.stream().map(Object::toString).toList();
    }

    static Settings read(Fields fields) {
        return new Settings(
                fields.required("internet-access").onOrOff(),
                fields.required("level").textAs(Level::parse),
                fields.list("allow", pattern -> pattern.textAs(DomainPattern::parse)),
                fields.list("deny", pattern -> pattern.textAs(DomainPattern::parse)),
                list(fields.optional("ports"), Port.DEFAULTS, Port::parse),
                list(fields.optional("types"), RecordType.DEFAULTS, RecordType::parse),
                fields.optional("internal").map(SettingsV1::internal).orElse(List.of()),
                fields.optional("ancestors")
                        .map(given -> given.textAs(SettingsV1::ancestors))
                        .orElse(Ancestors.NXDOMAIN));
    }

    private static <T> List<T> list(
            Optional<Document> list, List<T> absent, Function<String, T> reader) {
        return list.<List<T>>map(given ->
                        given.items().stream()
                                .map(item -> item.as(Document::textOrNumber, reader))
                                .toList())
                .orElse(absent);
    }

    private static List<Internal> internal(Document document) {
        List<Internal> internal = new ArrayList<>();
        document.fields()
                .rest()
                .forEach((pattern, blocks) ->
                        internal.add(
                                blocks.as(
                                        SettingsV1::cidrs,
                                        cidrs ->
                                                new Internal(
                                                        DomainPattern.parse(pattern), cidrs))));
        return internal;
    }

    /** One block as text, or a list of them. */
    private static List<Cidr> cidrs(Document blocks) {
        return blocks.isText()
                ? List.of(blocks.<Cidr>textAs(Cidr::parse))
                : blocks.items().stream().map(block -> block.<Cidr>textAs(Cidr::parse)).toList();
    }

    static Ancestors ancestors(String text) {
        return switch (text) {
            case "nxdomain" -> Ancestors.NXDOMAIN;
            case "nodata" -> Ancestors.NODATA;
            default ->
                    throw new IllegalArgumentException(
                            "\""
                                    + Lists.printable(text)
                                    + "\" is not known; write nxdomain or nodata");
        };
    }
}
