package io.sallyport.sync.org;

import io.sallyport.sync.org.OrgStore.Agent;
import io.sallyport.sync.store.Database.Reads;
import io.sallyport.sync.store.Database.Transaction;
import java.io.IOException;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.util.List;
import java.util.Optional;

/** Switches of agents as rows. */
final class AgentRows {
    private AgentRows() {}

    static void insert(Transaction open, Agent agent) throws IOException {
        open.update(
                """
                INSERT INTO agent_settings (org, agent, version, code_execution, changed_at, changed_by, role, why)
                SELECT ?, ?, COALESCE(MAX(version), 0) + 1, ?, ?, ?, ?, ? FROM agent_settings
                WHERE org = ? AND agent = ?
                """,
                agent.org(),
                agent.name(),
                agent.codeExecution() ? 1 : 0,
                agent.at().toEpochMilli(),
                agent.by().who(),
                agent.by().role(),
                agent.by().why(),
                agent.org(),
                agent.name());
    }

    static Optional<Agent> newest(Reads reads, String org, String agent) throws IOException {
        return reads.first(
                AgentRows::agent,
                """
                SELECT org, agent, code_execution, changed_at, changed_by, role, why FROM agent_settings
                WHERE org = ? AND agent = ? ORDER BY version DESC LIMIT 1
                """,
                org,
                agent);
    }

    static long count(Reads reads, String org) throws IOException {
        return reads.query(
                        row -> row.getLong(1),
                        "SELECT COUNT(DISTINCT agent) FROM agent_settings WHERE org = ?",
                        org)
                .getFirst();
    }

    static List<Agent> all(Reads reads, String org, String after, int limit) throws IOException {
        return reads.query(
                AgentRows::agent,
                """
                SELECT s.org, s.agent, s.code_execution, s.changed_at, s.changed_by, s.role, s.why FROM agent_settings s
                WHERE s.org = ? AND s.agent > ?
                  AND s.version = (SELECT MAX(t.version) FROM agent_settings t
                                   WHERE t.org = s.org AND t.agent = s.agent)
                ORDER BY s.agent LIMIT ?
                """,
                org,
                after,
                limit);
    }

    private static Agent agent(ResultSet row) throws SQLException {
        return new Agent(
                row.getString("org"),
                row.getString("agent"),
                row.getInt("code_execution") == 1,
                Rows.at(row),
                Rows.by(row));
    }
}
