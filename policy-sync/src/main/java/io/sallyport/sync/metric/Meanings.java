package io.sallyport.sync.metric;

import java.util.Map;
import java.util.stream.Collectors;

/** What each metric means, in one sentence. The page of the manual is checked against it. */
final class Meanings {
    private static final String NODE =
            """
            sallyport_answers_without_pin_total: Answers that were held back because an address in them had not been pinned; never above 0 but by a fault of this program.
            sallyport_cache_bytes: Octets that the shared cache of answers holds.
            sallyport_cache_entries: Answers that the shared cache holds.
            sallyport_cache_evictions_total: Answers that gave way to others before their time.
            sallyport_cache_front_hits_total: Queries answered from an event loop's own cache of what is asked all the time.
            sallyport_cache_hits_total: Questions that the shared cache had a fresh answer to.
            sallyport_cache_negative_bytes: Octets of the shared cache that are denials and failures.
            sallyport_cache_requests_total: Questions that the shared cache was asked.
            sallyport_cache_stale_total: Answers that were told after their time because the upstreams failed.
            sallyport_cookies_total: DNS cookies by what they were worth.
            sallyport_decisions_total: What was decided about queries, and why.
            sallyport_dropped_total: Messages that got no answer.
            sallyport_emergency_denials: Names on the emergency list in force.
            sallyport_kernel_dropped_packets_total: Packets of sandboxes that the kernel refused, by kind; from 0 again after a repair of the rules.
            sallyport_leases_expired_total: Sessions that ended because no heartbeat came.
            sallyport_lookups_coalesced_total: Questions that shared the upstream query of another.
            sallyport_lookups_in_flight: Questions under way at the upstreams.
            sallyport_lookups_refreshes_total: Answers that were asked for again before they ended.
            sallyport_lookups_refused_total: Questions refused because too many were under way.
            sallyport_lookups_waiting: Clients that wait for an upstream.
            sallyport_over_budget_total: Queries beyond a budget of their network.
            sallyport_pin_duration_seconds: How long the kernel took to open the addresses of an answer.
            sallyport_pins_total: Answers whose addresses were to be opened in the kernel, by how that went.
            sallyport_policy_pulls_total: Policies pulled for sessions, by how that went.
            sallyport_queries_total: Messages that clients sent.
            sallyport_query_duration_seconds: From reading a query to sending its answer, by where the answer came from.
            sallyport_query_log_dropped_total: Entries that the query log had no room for or could not write.
            sallyport_query_log_entries_total: Entries that the query log has written.
            sallyport_report_decisions_dropped_total: Denied and allowed names that no control server was told of, because too many waited.
            sallyport_reports_total: Reports to the control server, by how they went.
            sallyport_responses_total: Answers by response code, and where they came from.
            sallyport_responses_truncated_total: Answers over UDP that had to be cut short.
            sallyport_rules_faults: What is wrong with the kernel's rules, sets and pins now, or with the upstreams; 0 when the node is ready.
            sallyport_rules_repairs_total: Times that the rules were put right after somebody else had changed them.
            sallyport_sessions: Networks by the state of their session.
            sallyport_sessions_observing: Sessions that answer what nothing allows.
            sallyport_special_use_answers_total: Answers to special-use names, reverse names and questions why.
            sallyport_tcp_connections_total: TCP connections of clients, by what became of them.
            sallyport_upstream_busy_total: Queries that found no connection free to an upstream.
            sallyport_upstream_connections_total: TCP and TLS connections opened to upstreams.
            sallyport_upstream_errors_total: Faults of this program on the way to an upstream.
            sallyport_upstream_extra_queries_denied_total: Retries and rivals that there was no budget for.
            sallyport_upstream_failures_total: Questions that no upstream answered well.
            sallyport_upstream_hedges_total: Second queries sent because the first one was slow.
            sallyport_upstream_hedges_won_total: Second queries that were answered first.
            sallyport_upstream_malformed_total: Answers of upstreams that could not be read.
            sallyport_upstream_mismatched_total: Answers that fitted no question: late, or forged.
            sallyport_upstream_padded_queries_total: Queries over TLS that were padded.
            sallyport_upstream_probes_total: Queries sent to see whether an upstream is back.
            sallyport_upstream_queries_total: Queries to upstreams by transport.
            sallyport_upstream_requests_total: Queries to upstreams.
            sallyport_upstream_retries_total: Queries sent again because an answer did not come.
            sallyport_upstream_reused_connections_total: Queries over a connection that had served before.
            sallyport_upstream_rtt_seconds: How far away an upstream is, as last measured.
            sallyport_upstream_stale_connections_total: Connections that an upstream closed with queries on them.
            sallyport_upstream_timeouts_total: Queries that an upstream did not answer in time.
            sallyport_upstream_tls_failures_total: TLS connections that were not made, and why.
            sallyport_upstream_tls_handshakes_total: TLS handshakes.
            sallyport_upstream_unreachable_total: Queries that could not be sent to an upstream.
            sallyport_upstream_up: Whether an upstream answers: 0 while probes of it fail.
            sallyport_validation_checks_total: Signatures that were checked.
            sallyport_validation_queries_total: Questions for keys and proofs.
            sallyport_validations_failed_total: Answers whose signatures did not fit.
            sallyport_validations_insecure_total: Answers of zones that are proved to have no signatures.
            sallyport_validations_refused_total: Validations refused because too many were under way.
            sallyport_validations_secure_total: Answers whose signatures fit.
            sallyport_validations_under_way: Validations under way.
            """;

    private static final String CONTROL =
            """
            sallyport_control_audit_events_total: Events in the audit trail; the same on every control server of one database.
            sallyport_control_census_failures_total: Times that the store could not be asked for the numbers of sessions and nodes.
            sallyport_control_http_requests_total: Requests by the template of their path and the class of their answer.
            sallyport_control_feed_lag_seconds: How long ago the node that was silent longest reported, of those heard of in the last hour.
            sallyport_control_nodes: Nodes by whether they reported in the last minute; those silent for an hour are not counted.
            sallyport_control_policy_pulls_total: Policies that nodes asked for, by what they were told.
            sallyport_control_reports_total: Reports of nodes, by what became of them.
            sallyport_control_sessions: Sessions by state, as nodes reported them; the same on every control server of one database.
            sallyport_control_store_failures_total: Reads and writes that the store did not do.
            """;

    /** Of nodes in a cluster. */
    private static final String CLUSTER =
            """
            sallyport_cni_calls_total: Calls of the CNI plugin, by command and result.
            sallyport_cni_conf_present: Whether the plugin stands in the host's CNI configuration, by who looks after it.
            sallyport_cni_conf_repairs_total: Times that the plugin was put back into the CNI configuration.
            sallyport_kubernetes_following: Whether this node follows the pods of its cluster.
            sallyport_kubernetes_lists_total: Times that all pods were listed anew.
            sallyport_kubernetes_org_changes_refused_total: Pods that named another org after their session had begun.
            sallyport_kubernetes_pods: Pods of this node that are known.
            sallyport_kubernetes_pods_ended_total: Sessions that ended with their pods.
            sallyport_kubernetes_pods_refused_total: Pods whose session was refused.
            sallyport_kubernetes_pods_waiting: Pods that wait for their session.
            sallyport_kubernetes_taint_changes_total: Times that the node's taint was put or taken away.
            sallyport_kubernetes_taint_failures_total: Times that the node's taint could not be changed.
            sallyport_kubernetes_tainted: Whether the cluster is told to send no pods here.
            sallyport_kubernetes_watch_age_seconds: How long ago the API server was heard of last.
            sallyport_kubernetes_watch_failures_total: Times that following the pods broke off.
            """;

    private static final String PROCESS =
            """
            sallyport_build_info: Which program this is.
            jvm_gc_collection_seconds_total: Time that the Java machine stood still to collect garbage.
            jvm_gc_collections_total: Collections of garbage.
            jvm_memory_max_bytes: Memory that the Java machine may use.
            jvm_memory_used_bytes: Memory that the Java machine uses.
            jvm_threads: Threads of the Java machine.
            process_cpu_seconds_total: Processor time of this process.
            process_open_fds: File descriptors that are open.
            process_resident_memory_bytes: Resident memory of this process.
            process_start_time_seconds: When this process started, in seconds since 1970.
            """;

    /** Better than no metrics; a test finds it. */
    static final String NOWHERE = "What this means is not written down.";

    private static final Map<String, String> BY_NAME =
            (NODE + CONTROL + CLUSTER + PROCESS)
                    .lines()
                    .map(line -> line.split(": ", 2))
                    .collect(Collectors.toUnmodifiableMap(parts -> parts[0], parts -> parts[1]));

    private Meanings() {}

    static String of(String name) {
        return BY_NAME.getOrDefault(name, NOWHERE);
    }
}
