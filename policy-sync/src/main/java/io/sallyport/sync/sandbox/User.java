package io.sallyport.sync.sandbox;

import io.sallyport.sync.host.Host;
import java.io.IOException;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * Who the command runs as, and with what: never with a capability by which it could leave its
 * namespaces.
 *
 * @param account null stays what this process is
 */
record User(Host.@Nullable Account account) {
    /** What programs that run as root commonly need; none of them reaches beyond the namespaces. */
    private static final String CAPABILITIES =
            "-all,+chown,+dac_override,+fowner,+fsetid,+kill,+setgid,+setuid,+setpcap,+net_bind_service,+net_raw,"
                    + "+sys_chroot,+audit_write,+setfcap";

    /**
     * The named one, or who called sudo, or root itself.
     *
     * @throws IOException if there is no such user
     */
    static User of(@Nullable String named, @Nullable String sudoUser) throws IOException {
        if (!Host.isRoot()) {
            if (named != null) {
                throw new IOException("only root may run a command as another user; use sudo");
            }
            return new User(null);
        }
        String name = named == null ? sudoUser : named;
        return new User(
                name == null || name.isBlank() || name.equals("root") ? null : Host.account(name));
    }

    /** The words to put in front of the command. */
    List<String> prefix() {
        if (!Host.isRoot()) {
            return List.of(
                    "setpriv",
                    "--no-new-privs",
                    "unshare",
                    "--user",
                    "--map-user=" + Host.uid(),
                    "--map-group=" + Host.gid(),
                    "--");
        }
        if (account == null) {
            return List.of(
                    "setpriv",
                    "--bounding-set=" + CAPABILITIES,
                    "--inh-caps=-all",
                    "--no-new-privs",
                    "--");
        }
        return List.of(
                "setpriv",
                "--reuid=" + account.uid(),
                "--regid=" + account.gid(),
                "--init-groups",
                "--bounding-set=-all",
                "--inh-caps=-all",
                "--no-new-privs",
                "--");
    }

    /** What differs in the command's environment. */
    Map<String, String> environment() {
        return account == null
                ? Map.of()
                : Map.of("HOME", account.home(), "USER", account.name(), "LOGNAME", account.name());
    }
}
