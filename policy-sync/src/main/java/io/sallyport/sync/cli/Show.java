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
        if (session.path("lease").isNumber()) {
            row(
                    out,
                    "lease",
                    text(session, "lease")
                            + " s"
                            + (session.path("lease-left").isNumber()
                                    ? ", " + text(session, "lease-left") + " s left"
                                    : ""));
        }
        if (session.path("fault").isString()) {
            row(out, "CLOSED", text(session, "fault"));
        }
        row(out, "network", place(session.path("network")));
    }

    static void sessions(JsonNode sessions, boolean stale, PrintWriter out) {
        if (sessions.isEmpty()) {
            out.println(
                    stale
                            ? "no session has older access than its org's settings give now"
                            : "no session runs on this node");
            return;
        }
        out.printf(
                "%-14s %-20s %-20s %-13s %-9s %s%n",
                "SESSION", "ORG", "LEVEL", "SNAPSHOT", stale ? "VERSION" : "STATE", "NETWORK");
        for (JsonNode session : sessions) {
            String digest = text(session, "snapshot");
            out.printf(
                    "%-14s %-20s %-20s %-13s %-9s %s%n",
                    text(session, "id"),
                    text(session, "org"),
                    (session.path("internet").asBoolean()
                                    ? text(session, "level")
                                    : "(internet off)")
                            + (observes(session) ? " OBSERVES" : ""),
                    digest.substring(0, Math.min(DIGEST_DIGITS, digest.length())),
                    stale ? versions(session) : text(session, "state"),
                    place(session.path("network")));
        }
    }

    /** {@code 3 of 5}; the org may give no access any more, and then no number. */
    private static String versions(JsonNode session) {
        JsonNode current = session.path("current-settings-version");
        return text(session, "settings-version")
                + " of "
                + (current.isNumber() ? current.asString() : "none");
    }

    static void heartbeats(JsonNode answer, PrintWriter out) {
        answer.path("renewed").forEach(id -> out.println(id.asString() + " goes on"));
        answer.path("unknown")
                .forEach(id -> out.println(id.asString() + " has ended, or never was"));
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
