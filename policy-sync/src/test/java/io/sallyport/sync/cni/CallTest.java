package io.sallyport.sync.cni;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.sallyport.sync.cni.Call.Command;
import io.sallyport.sync.network.Network.Pod;
import java.io.ByteArrayInputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.FileTime;
import java.time.Duration;
import java.time.Instant;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class CallTest {
    private static final String CONF =
            "{\"cniVersion\":\"1.0.0\",\"name\":\"pods\",\"type\":\"sallyport-cni\"}";

    private static Call read(String body) throws Fault {
        return Call.read(new ByteArrayInputStream(body.getBytes(StandardCharsets.UTF_8)));
    }

    private static String call(String command, String more, String conf) {
        return "{\"command\":\""
                + command
                + "\",\"containerId\":\"c1\",\"ifname\":\"eth0\",\"timeoutMillis\":9000"
                + more
                + ",\"config\":"
                + conf
                + "}";
    }

    @Test
    void readsWhatTheRuntimeSays() throws Fault {
        String args =
                ",\"args\":\"IgnoreUnknown=1;K8S_POD_NAMESPACE=agents;K8S_POD_NAME=a-1;K8S_POD_UID=u-1\"";
        Call call = read(call("ADD", args, CONF));

        assertThat(call.command()).isEqualTo(Command.ADD);
        assertThat(call.pod()).contains(new Pod("agents", "a-1", "u-1"));
        assertThat(call.patience()).isEqualTo(Duration.ofSeconds(9));
        assertThat(call.org()).isEmpty();
        assertThat(call.id()).matches("cni-[0-9a-f]{6}-[0-9a-f]{24}").startsWith(call.prefix());
    }

    @Test
    void idIsOfTheNetworkTheContainerAndTheInterface() throws Fault {
        String id = read(call("DEL", "", CONF)).id();

        assertThat(read(call("ADD", "", CONF)).id()).isEqualTo(id);
        assertThat(read(call("DEL", "", CONF.replace("pods", "others"))).id()).isNotEqualTo(id);
        assertThat(read(call("DEL", "", CONF).replace("c1", "c2")).id()).isNotEqualTo(id);
        assertThat(read(call("DEL", "", CONF).replace("eth0", "eth1")).id()).isNotEqualTo(id);
    }

    @Test
    void configurationsOrgComesBeforeTheArguments() throws Fault {
        String args = ",\"args\":\"SALLYPORT_ORG=args;SALLYPORT_AGENT=a\"";
        String conf = CONF.replace("}", ",\"org\":\"conf\"}");

        assertThat(read(call("ADD", args, CONF)).org()).contains("args");
        assertThat(read(call("ADD", args, CONF)).agent()).contains("a");
        assertThat(read(call("ADD", args, conf)).org()).contains("conf");
        assertThat(read(call("ADD", args, conf)).agent()).isEmpty();
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            quoteCharacter = '`',
            value = {
                "not JSON | UNDECODABLE",
                "[] | UNDECODABLE",
                "{\"command\":\"ADD\"} | UNDECODABLE",
                "{\"command\":\"ADD\",\"config\":{},\"command\":\"DEL\"} | UNDECODABLE",
                "{\"command\":\"ADD\",\"config\":{}} {} | UNDECODABLE",
                "{\"command\":\"FLY\",\"config\":{}} | ENVIRONMENT",
                "{\"command\":\"ADD\",\"config\":{}} | ENVIRONMENT",
                "{\"command\":\"ADD\",\"containerId\":\"../x\",\"ifname\":\"eth0\",\"config\":{}} | ENVIRONMENT",
                "{\"command\":\"ADD\",\"containerId\":\"c\",\"ifname\":\"a/b\",\"config\":{}} | ENVIRONMENT",
                "{\"command\":\"ADD\",\"containerId\":\"c\",\"ifname\":\"..\",\"config\":{}} | ENVIRONMENT",
                "{\"command\":\"STATUS\",\"args\":\"nonsense\",\"config\":{}} | ENVIRONMENT",
                "{\"command\":\"STATUS\",\"args\":\"A=1;A=2\",\"config\":{}} | ENVIRONMENT",
                "{\"command\":\"STATUS\",\"config\":{}} | INCOMPATIBLE",
                "{\"command\":\"STATUS\",\"config\":{\"cniVersion\":\"0.2.0\"}} | INCOMPATIBLE",
                "{\"command\":\"STATUS\",\"config\":{\"cniVersion\":\"1.0.0\"}} | INVALID",
                "{\"command\":\"STATUS\",\"config\":{\"cniVersion\":\"1.0.0\",\"name\":\"x\",\"orgs\":1}} | INVALID",
                "{\"command\":\"STATUS\",\"config\":{\"cniVersion\":\"1.0.0\",\"name\":\"x\",\"org\":1}} | INVALID",
                "{\"command\":\"STATUS\",\"config\":{\"cniVersion\":\"1.0.0\",\"name\":\"x\",\"org\":\" \"}} | INVALID",
            })
    void refusesWhatNoRuntimeSays(String body, Fault.Code code) {
        assertThatThrownBy(() -> read(body))
                .isInstanceOfSatisfying(
                        Fault.class, fault -> assertThat(fault.code()).isEqualTo(code));
    }

    /** Or a container could not be ended after somebody mistyped a key. */
    @Test
    void unknownKeyKeepsNoContainerFromItsEnd() throws Fault {
        String conf = CONF.replace("}", ",\"orgs\":1}");

        assertThat(read(call("DEL", "", conf)).id()).isEqualTo(read(call("ADD", "", CONF)).id());
        assertThatThrownBy(() -> read(call("ADD", "", conf))).hasMessageContaining("orgs");
    }

    @ParameterizedTest
    @CsvSource({
        "K8S_POD_NAMESPACE=a",
        "K8S_POD_NAMESPACE=a;K8S_POD_NAME=B",
        "K8S_POD_NAMESPACE=../a;K8S_POD_NAME=b",
        "K8S_POD_NAMESPACE=a;K8S_POD_NAME=b;K8S_POD_UID=u u"
    })
    void podWithAnOddNameIsNone(String args) throws Fault {
        Call call = read(call("ADD", ",\"args\":\"" + args + "\"", CONF));

        assertThatThrownBy(call::pod).isInstanceOf(Fault.class);
    }

    @Test
    void placeIsOnlyTakenFromACableOfThisHost() throws Fault {
        String[] results = {
            "{}",
            "{\"interfaces\":[{\"name\":\"eth0\",\"sandbox\":\"/run/netns/x\"}],\"ips\":[{\"address\":\"10.0.0.2/24\"}]}",
            "{\"interfaces\":[{\"name\":\"no-such-one\"}],\"ips\":[{\"address\":\"10.0.0.2/24\"}]}",
            "{\"interfaces\":[{\"name\":\"-dev\"}],\"ips\":[{\"address\":\"10.0.0.2/24\"}]}",
            "{\"interfaces\":\"x\",\"ips\":7}",
        };
        for (String result : results) {
            Call call = read(call("ADD", "", CONF.replace("}", ",\"prevResult\":" + result + "}")));
            assertThatThrownBy(() -> Cable.of(call.conf().previous()))
                    .as(result)
                    .isInstanceOfSatisfying(
                            Fault.class,
                            fault -> assertThat(fault.code()).isEqualTo(Fault.Code.INVALID));
        }
        Call first = read(call("ADD", "", CONF));
        assertThatThrownBy(() -> first.conf().previous()).hasMessageContaining("prevResult");
    }

    @Test
    void whereSomebodyShouldLookAfterTheConfigurationAndDoesNotNoSandboxShouldCome(
            @TempDir Path directory) throws Exception {
        Cni.Config config = Cni.Config.at(directory.resolve("cni.sock"));
        assertThat(config.faults()).as("nobody ever looked").isEmpty();
        Files.createSymbolicLink(config.report(), directory.resolve("written.json"));
        assertThat(config.faults()).as("not written yet").hasSize(1);
        Files.writeString(directory.resolve("written.json"), "{\"format\":1,\"present\":false}");
        assertThat(config.faults()).singleElement().asString().contains("has lost the plugin");
        Files.writeString(directory.resolve("written.json"), "{\"format\":1,\"present\":true}");
        assertThat(config.faults()).isEmpty();
        Files.setLastModifiedTime(config.report(), FileTime.from(Instant.now().minusSeconds(60)));
        assertThat(config.faults()).as("nobody looks any more").hasSize(1);
    }

    @Test
    void reportOfTheConfigurationIsBelievedWhileItIsFresh(@TempDir Path directory)
            throws Exception {
        Path report = directory.resolve("cni-conf.json");
        assertThat(ConfReport.read(report)).isEqualTo(new ConfReport(false, 0));
        Files.writeString(report, "{\"format\":1,\"present\":true,\"repairs\":7}");
        assertThat(ConfReport.read(report).counters())
                .isEqualTo(
                        Map.of(
                                "sallyport_cni_conf_present", 1L,
                                "sallyport_cni_conf_repairs_total", 7L));
        Files.setLastModifiedTime(report, FileTime.from(Instant.now().minusSeconds(60)));
        assertThat(ConfReport.read(report)).isEqualTo(new ConfReport(false, 7));
        Files.writeString(report, "{\"present\":");
        assertThat(ConfReport.read(report)).isEqualTo(new ConfReport(false, 0));
    }
}
