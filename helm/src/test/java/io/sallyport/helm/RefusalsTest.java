package io.sallyport.helm;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Values that would leave a way out, and what Helm says instead of installing them. */
class RefusalsTest {
    /** Over the values that have to be said. */
    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            textBlock =
                    """
                    image: {tag: latest}                                     | whatever was pushed last
                    node: {upstreams: []}                                    | which knows internal names
                    node: {control: {tokenSecret: ""}}                       | could not prove to control who they are
                    control: {enabled: false}                                | no session could ever get a policy
                    node: {env: {API_TOKEN: x}}                              | a secret or foreign code
                    node: {env: {LD_PRELOAD: /x.so}}                         | a secret or foreign code
                    node: {env: {NODE_NAME: x}}                              | the chart sets it
                    node: {dataHostPath: /run/sallyport/sallyport}           | lie within each other
                    node: {dataHostPath: /run/sallyport}                     | lie within each other
                    cni: {confDir: /var/lib/sallyport/conf}                  | lie within each other
                    cni: {confDir: /opt/cni}                                 | lie within each other
                    cni: {mode: handler, confDir: /etc/cni/sb.d}             | without cni.conflistConfigMap
                    cni: {mode: handler, conflistConfigMap: c}               | with the cluster's own cni.confDir
                    control: {tls: {secret: ""}}                             | tokens would travel in the clear
                    control: {replicas: 2}                                   | each pod would have settings of its own
                    control: {store: {kind: postgresql}}                     | name the database and the secret
                    control: {store: {kind: postgresql, postgresql: {secret: s, url: 'jdbc:postgresql://d/s?password=x&sslmode=verify-full'}}} | holds a password
                    control: {store: {kind: postgresql, postgresql: {secret: s, url: 'jdbc:postgresql://d/s?sslmode=require'}}} | unverified-database
                    control: {signIn: {issuer: 'https://login.example'}}     | nobody could sign in
                    control: {networkPolicy: {enabled: true}}                | that means everybody
                    control: {service: {type: NodePort}}                     | reachable-control
                    control: {service: {type: LoadBalancer}}                 | reachable-control
                    admission: {webhook: {enabled: true}}                    | would not trust control
                    admission: {webhook: {enabled: true, caBundle: Y2E=, certManagerCertificate: a/b}} | one of them
                    admission: {webhook: {enabled: true, caBundle: Y2E=, failurePolicy: Ignore}} | webhook-ignore
                    admission: {policy: {enabled: false}}                    | no-admission
                    cni: {mode: none}                                        | no-cni
                    node: {sandboxInterfaces: []}                            | no-standing-drop
                    node: {taint: {enabled: false}}                          | no-taint
                    node: {limits: {queries-per-second: 0}}                  | no-limits
                    {node: {metrics: {listen: loopback}}, monitoring: {podMonitor: {enabled: true}}} | every node would count as down
                    tests: {namespace: agents}                               | would prove nothing
                    tests: {namespace: gate, org: a, allowed: b.example}     | never a sandbox namespace
                    """)
    void isNotInstalled(String values, String reason) {
        assertThatThrownBy(() -> Chart.render(values))
                .hasMessageContaining("Not installed")
                .hasMessageContaining(reason);
    }

    /** Whatever is confirmed: nothing would be left that holds. */
    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            textBlock =
                    """
                    {cni: {mode: none}, admission: {policy: {enabled: false}}} | nothing would call the node for it
                    {cni: {mode: none}, admission: {webhook: {enabled: true, caBundle: Y2E=, failurePolicy: Ignore}}} | nothing between it and the network
                    {admission: {webhook: {enabled: true, caBundle: Y2E=}}, control: {enabled: false}, node: {policyFile: {configMap: p}}} | control is who answers it
                    {control: {tls: {secret: ""}}} | in the clear
                    {control: {replicas: 3}} | settings of its own
                    {node: {upstreams: []}} | internal names
                    """)
    void isNeverInstalled(String values, String reason) {
        String all =
                "confirm: [no-admission, no-cni, no-standing-drop, webhook-ignore, reachable-control, no-taint,"
                        + " no-limits, unverified-database]";
        assertThatThrownBy(() ->
                        Chart.render(values.substring(0, values.length() - 1) + ", " + all + "}"))
                .hasMessageContaining(reason);
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            textBlock =
                    """
                    admission: {policy: {enabled: false}}   | no-admission
                    cni: {mode: none}                       | no-cni
                    node: {sandboxInterfaces: []}           | no-standing-drop
                    node: {taint: {enabled: false}}         | no-taint
                    node: {limits: {query-burst: 0}}        | no-limits
                    control: {service: {type: NodePort}}    | reachable-control
                    """)
    void isInstalledOnceItIsMeant(String values, String code) {
        assertThat(Chart.render("{" + values + ", confirm: [" + code + "]}")).isNotEmpty();
    }

    @Test
    void allReasonsAreToldAtOnce() {
        assertThatThrownBy(
                        () -> Chart.render("{node: {upstreams: []}, control: {tls: {secret: ''}}}"))
                .hasMessageContaining("internal names")
                .hasMessageContaining("in the clear");
    }

    @Test
    void aRuntimeHandlersOwnConfigurationIsClosedByItself() {
        assertThat(Chart.renderCi("handler-values.yaml", "{node: {sandboxInterfaces: []}}"))
                .isNotEmpty();
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '\t',
            textBlock =
                    """
                    nodes: {}
                    node: {serviceAcount: {create: false}}
                    node: {serviceAccount: {create: "false"}}
                    commonLabels: {team: 7}
                    confirm: [whatever]
                    failClosed: false
                    node: {privileged: true}
                    node: {securityContext: {privileged: true}}
                    node: {hostPID: true}
                    node: {capabilities: [SYS_ADMIN]}
                    node: {runAs: admin}
                    node: {upstreams: [dns.example]}
                    node: {upstreams: 192.0.2.53}
                    node: {dnssec: off}
                    node: {threads: -1}
                    node: {limits: {queries-per-minute: 1}}
                    node: {limits: {queries-per-second: many}}
                    node: {dnsAddress: resolver}
                    node: {dataHostPath: /}
                    node: {dataHostPath: /var/lib}
                    node: {runHostPath: /run}
                    node: {dataHostPath: /var/lib/../../etc}
                    node: {runHostPath: relative}
                    node: {metrics: {port: 53}}
                    node: {metrics: {listen: 0.0.0.0}}
                    node: {control: {url: 'http://control.example'}}
                    node: {control: {url: 'https://user:password@control.example'}}
                    node: {control: {token: spt_x}}
                    node: {sandboxInterfaces: ['name with spaces']}
                    node: {heap: lots}
                    node: {resources: {limit: {memory: 1Gi}}}
                    node: {tolerations: [{operator: Sometimes}]}
                    node: {env: {JAVA_TOOL_OPTIONS: [1]}}
                    node: {terminationGracePeriodSeconds: 5}
                    cni: {mode: sometimes}
                    cni: {failOpen: true}
                    cni: {confDir: ../x}
                    control: {replicas: 0}
                    control: {replicas: two}
                    control: {store: {kind: mysql}}
                    control: {store: {postgresql: {password: secret}}}
                    control: {store: {postgresql: {url: 'postgres://x'}}}
                    control: {tls: {enabled: false}}
                    control: {service: {type: ExternalName}}
                    control: {service: {port: 70000}}
                    control: {signIn: {clientSecret: 'S3cr3t Value'}}
                    control: {signIn: {groups: [{role: platform-admin}]}}
                    control: {signIn: {groups: [{group: a, role: root}]}}
                    control: {signIn: {publicUrl: 'http://console.example'}}
                    control: {podDisruptionBudget: {minAvailable: 1}}
                    control: {podDisruptionBudget: {minAvailable: 1, maxUnavailable: 1}}
                    control: {networkPolicy: {from: [{cidr: 10.0.0.0/8}]}}
                    admission: {webhook: {failurePolicy: Sometimes}}
                    admission: {webhook: {timeoutSeconds: 60}}
                    admission: {policy: {binders: ["x' || true || 'y"]}}
                    sandboxes: {runtimeClassNames: ["runc'] || true || ''in['"]}
                    sandboxes: {namespaceLabel: ''}
                    sandboxes: {orgKeys: []}
                    image: {digest: sha256:short}
                    image: {pullPolicy: Never Ever}
                    monitoring: {podMonitor: {interval: often}}
                    monitoring: {serviceMonitor: {interval: 0s}}
                    monitoring: {prometheusRule: {runbookUrl: docs/runbooks.md}}
                    monitoring: {prometheusRule: {runbookUrl: 'http://wiki.example/runbooks'}}
                    monitoring: {prometheusRule: {runbookUrl: 'https://wiki.example/ # {{ x }}'}}
                    tests: {targets: [www.example.com]}
                    tests: {tolerations: [{operator: Sometimes}]}
                    """)
    void schemaRefuses(String values) {
        assertThatThrownBy(() -> Chart.render(values))
                .hasMessageContaining("values don't meet the specifications of the schema");
    }
}
