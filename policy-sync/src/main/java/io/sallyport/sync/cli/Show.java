package io.sallyport.sync.cli;

import java.io.PrintWriter;
import java.net.URLEncoder;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import tools.jackson.databind.JsonNode;

/** What a node answered, for people. */
final class Show {
    /** As many digits of a digest as tell two snapshots apart by eye. */
    private static final int DIGEST_DIGITS = 12;

    private Show() {}

    static String pathSegment(String text) {
        return URLEncoder.encode(text, StandardCharsets.UTF_8);
    }

    static void session(JsonNode session, PrintWriter out) {
        row(out, "org", text(session, "org"));
        if (session.path("agent").isString()) {
            row(out, "agent", text(session, "agent"));
        }
        if (observes(session)) {
            row(out, "mode", "OBSERVE: names that are not allowed are answered and recorded");
        }
        row(
                out,
                "level",
                session.path("internet").asBoolean()
                        ? text(session, "level")
                        : "internet access off");
        row(
                out,
                "snapshot",
                text(session, "snapshot")
                        + " (settings version "
                        + text(session, "settings-version")
                        + ")");
        row(out, "started", text(session, "started"));
        row(out, "network", place(session.path("network")));
    }

    static void sessions(JsonNode sessions, PrintWriter out) {
        if (sessions.isEmpty()) {
            out.println("no session runs on this node");
            return;
        }
        out.printf(
                "%-14s %-20s %-20s %-13s %s%n", "SESSION", "ORG", "LEVEL", "SNAPSHOT", "NETWORK");
        for (JsonNode session : sessions) {
            String digest = text(session, "snapshot");
            out.printf(
                    "%-14s %-20s %-20s %-13s %s%n",
                    text(session, "id"),
                    text(session, "org"),
                    (session.path("internet").asBoolean()
                                    ? text(session, "level")
                                    : "(internet off)")
                            + (observes(session) ? " OBSERVES" : ""),
                    digest.substring(0, Math.min(DIGEST_DIGITS, digest.length())),
                    place(session.path("network")));
        }
    }

    static void report(JsonNode session, PrintWriter out) {
        session(session, out);
        if (observes(session)) {
            out.println("observed names: not allowed, and answered all the same");
            for (JsonNode name : session.path("observed-names")) {
                out.printf("  %6d  %s%n", name.path("count").asLong(), text(name, "name"));
            }
            none(session.path("observed-names"), out);
        }
        out.println("denied names");
        for (JsonNode name : session.path("denied-names")) {
            out.printf(
                    "  %6d  %-44s %s%n",
                    name.path("count").asLong(), text(name, "name"), text(name, "reason"));
        }
        none(session.path("denied-names"), out);
        out.println("refused addresses");
        for (JsonNode refused : session.path("denied-addresses")) {
            out.printf(
                    "  %6d  %s %s %d%n",
                    refused.path("packets").asLong(),
                    text(refused, "address"),
                    text(refused, "protocol"),
                    refused.path("port").asInt());
        }
        none(session.path("denied-addresses"), out);
    }

    static void networks(JsonNode networks, PrintWriter out) {
        if (networks.isEmpty()) {
            out.println("no network is attached to this node");
            return;
        }
        out.printf("%-14s %-9s %-14s %s%n", "NETWORK", "STATE", "SESSION", "PLACE");
        for (JsonNode network : networks) {
            out.printf(
                    "%-14s %-9s %-14s %s%n",
                    text(network, "id"),
                    text(network, "state"),
                    network.path("session").asString("-"),
                    place(network));
        }
    }

    static String place(JsonNode network) {
        List<String> addresses = new ArrayList<>();
        network.path("addresses").forEach(address -> addresses.add(address.asString()));
        return text(network, "interface") + " " + String.join(", ", addresses);
    }

    private static boolean observes(JsonNode session) {
        return text(session, "mode").equals("observe");
    }

    private static void none(JsonNode rows, PrintWriter out) {
        if (rows.isEmpty()) {
            out.println("  none");
        }
    }

    private static void row(PrintWriter out, String name, String value) {
        out.printf("  %-9s %s%n", name, value);
    }

    private static String text(JsonNode node, String field) {
        return node.path(field).asString("");
    }
}
