package io.sallyport.resolver.standalone;

import static org.assertj.core.api.Assertions.assertThat;

import com.code_intelligence.jazzer.junit.FuzzTest;
import io.sallyport.resolver.name.WireName;
import io.sallyport.resolver.policy.Policy;
import java.nio.charset.StandardCharsets;
import java.util.List;

/**
 * Any text in the flags of a static policy, separated by semicolons: types, an internal domain, the
 * allow list and the deny list. A policy comes of it, or a sentence that names the flag.
 */
class StaticPolicyFuzzTest {
    /** One label of an octet that no text of a pattern has. */
    private static final WireName NOBODYS =
            WireName.ofLowered(new byte[] {1, (byte) 0xff, 0}, 0, 3);

    @FuzzTest
    void compilesOrNamesTheFlag(byte[] octets) {
        String[] flags = (new String(octets, StandardCharsets.UTF_8) + ";;;").split(";", 4);
        String allow = flags[2];
        String deny = flags[3].replace(";", "");
        if (allow.startsWith("@") || deny.startsWith("@")) {
            return; // the name of a file, and not this target's
        }
        List<String> internal = flags[1].isEmpty() ? List.of() : List.of(flags[1]);
        try {
            Policy policy =
                    StaticPolicy.compile(false, List.of(allow), List.of(deny), flags[0], internal);
            assertThat(policy.judge(NOBODYS)).isInstanceOf(Policy.Deny.class);
        } catch (IllegalArgumentException e) {
            assertThat(e).message().startsWith("--");
        }
    }
}
