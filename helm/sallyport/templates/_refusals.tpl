{{/*
Combinations that would leave a sandbox a way out, or the guard itself in the open. Some are never taken; the others only
when somebody says that they are meant, by their code in `confirm`. In: the root. Out: nothing, or the end of the installation
with every reason at once.
*/}}
{{- define "sallyport.refusals" -}}
{{- $v := .Values -}}
{{- $bad := list -}}

{{- if and (eq $v.image.tag "latest") (not $v.image.digest) -}}
{{- $bad = append $bad "image.tag is latest without image.digest: what runs would be whatever was pushed last; name a version or a digest" -}}
{{- end -}}

{{- if not $v.node.upstreams -}}
{{- $bad = append $bad "node.upstreams is empty: the pod's own resolv.conf names the cluster's DNS, which knows internal names; name servers that recurse, such as {192.0.2.53}" -}}
{{- end -}}
{{- if not $v.node.policyFile.configMap -}}
{{- if not $v.node.control.tokenSecret -}}
{{- $bad = append $bad "node.control.tokenSecret is empty: nodes could not prove to control who they are; make a secret with a token for each node (docs/kubernetes.md), or set node.policyFile.configMap" -}}
{{- end -}}
{{- if and (not $v.control.enabled) (not $v.node.control.url) -}}
{{- $bad = append $bad "control.enabled is false and node.control.url is empty: no session could ever get a policy; name a control server, or set node.policyFile.configMap" -}}
{{- end -}}
{{- end -}}
{{- range $name, $_ := $v.node.env -}}
{{- if or (has $name (list "NODE_NAME" "HOST_IP" "SALLYPORT_HEAP")) (regexMatch "(?i)token|secret|password|^LD_" $name) -}}
{{- $bad = append $bad (printf "node.env.%s: the chart sets it, or it would put a secret or foreign code into the guard's environment; leave it out" $name) -}}
{{- end -}}
{{- end -}}
{{- $paths := list $v.node.dataHostPath $v.node.runHostPath -}}
{{- if ne $v.cni.mode "none" -}}
{{- $paths = concat $paths (list $v.cni.binDir $v.cni.confDir) -}}
{{- end -}}
{{- range $i, $one := $paths -}}
{{- range $j, $other := $paths -}}
{{- if and (ne $i $j) (hasPrefix (printf "%s/" $one) (printf "%s/" $other)) -}}
{{- $bad = append $bad (printf "the host paths %s and %s lie within each other: the CNI installer would reach the journal or the guard the host's plugins; give each its own" $one $other) -}}
{{- end -}}
{{- end -}}
{{- end -}}

{{- if and (eq $v.cni.mode "handler") (not $v.cni.conflistConfigMap) -}}
{{- $bad = append $bad "cni.mode is handler without cni.conflistConfigMap: the handler would have no network; make a config map with its sandboxes.conflist" -}}
{{- end -}}
{{- if and (eq $v.cni.mode "handler") (eq $v.cni.confDir "/etc/cni/net.d") -}}
{{- $bad = append $bad "cni.mode is handler with the cluster's own cni.confDir: every pod would take the sandboxes' network, or the sandboxes the cluster's; name the handler's cni_conf_dir" -}}
{{- end -}}

{{- if $v.control.enabled -}}
{{- $store := $v.control.store -}}
{{- if not $v.control.tls.secret -}}
{{- $bad = append $bad "control.tls.secret is empty: tokens would travel in the clear; name a kubernetes.io/tls secret" -}}
{{- end -}}
{{- if and (eq $store.kind "sqlite") (gt (int $v.control.replicas) 1) -}}
{{- $bad = append $bad (printf "control.replicas is %v with SQLite: each pod would have settings of its own; use control.store.kind postgresql, or one replica" $v.control.replicas) -}}
{{- end -}}
{{- if and (eq $store.kind "postgresql") (or (not $store.postgresql.url) (not $store.postgresql.secret)) -}}
{{- $bad = append $bad "control.store.kind is postgresql without control.store.postgresql.url or .secret: name the database and the secret with its password" -}}
{{- end -}}
{{- if regexMatch "(?i)password=" $store.postgresql.url -}}
{{- $bad = append $bad "control.store.postgresql.url holds a password: it would stand in a config map; put it into the secret" -}}
{{- end -}}
{{- $signIn := $v.control.signIn -}}
{{- if and $signIn.issuer (or (not $signIn.publicUrl) (not $signIn.clientId) (not $signIn.groups)) -}}
{{- $bad = append $bad "control.signIn.issuer without publicUrl, clientId or groups: nobody could sign in; name all of them (docs/sign-in.md)" -}}
{{- end -}}
{{- if and $v.control.networkPolicy.enabled (not $v.control.networkPolicy.from) -}}
{{- $bad = append $bad "control.networkPolicy.enabled with an empty list `from`: in a NetworkPolicy that means everybody; name the CIDRs of nodes, API servers and admins" -}}
{{- end -}}
{{- end -}}

{{- $webhook := $v.admission.webhook -}}
{{- if $webhook.enabled -}}
{{- if not $v.control.enabled -}}
{{- $bad = append $bad "admission.webhook.enabled without control.enabled: control is who answers it" -}}
{{- end -}}
{{- if eq (empty $webhook.caBundle) (empty $webhook.certManagerCertificate) -}}
{{- $bad = append $bad "admission.webhook needs caBundle or certManagerCertificate, one of them: the API server would not trust control, and refuse every sandbox pod" -}}
{{- end -}}
{{- if and (eq $webhook.failurePolicy "Ignore") (eq $v.cni.mode "none") -}}
{{- $bad = append $bad "admission.webhook.failurePolicy is Ignore and cni.mode is none: a pod that is born while control is away would have nothing between it and the network; use Fail, or the CNI plugin" -}}
{{- end -}}
{{- end -}}
{{- if and (not $v.admission.policy.enabled) (eq $v.cni.mode "none") -}}
{{- $bad = append $bad "admission.policy.enabled is false and cni.mode is none: a pod could ask for the host's network, and nothing would call the node for it; switch one of them on" -}}
{{- end -}}
{{- if and $v.tests.namespace (or (not $v.tests.org) (not $v.tests.allowed)) -}}
{{- $bad = append $bad "tests.namespace without tests.org or tests.allowed: \"blocked\" would prove nothing; name an org and a name that it may reach" -}}
{{- end -}}
{{- if and $v.tests.namespace (eq $v.tests.namespace .Release.Namespace) -}}
{{- $bad = append $bad "tests.namespace is the release's own: it is never a sandbox namespace" -}}
{{- end -}}

{{- if and $v.monitoring.podMonitor.enabled (eq $v.node.metrics.listen "loopback") -}}
{{- $bad = append $bad "monitoring.podMonitor.enabled with node.metrics.listen loopback: Prometheus cannot reach 127.0.0.1 of another host, and every node would count as down; use host, or a scraper on each node" -}}
{{- end -}}

{{- $weak := dict -}}
{{- if not $v.admission.policy.enabled -}}
{{- $_ := set $weak "no-admission" "admission.policy.enabled is false: whoever may make pods in a sandbox namespace may give them the host's network" -}}
{{- end -}}
{{- if eq $v.cni.mode "none" -}}
{{- $_ := set $weak "no-cni" "cni.mode is none: something else has to call the node before a sandbox's first packet" -}}
{{- end -}}
{{- if and (ne $v.cni.mode "handler") (not $v.node.sandboxInterfaces) -}}
{{- $_ := set $weak "no-standing-drop" "node.sandboxInterfaces is empty: a pod whose birth the node was not told of, because another program rewrote the CNI configuration, would be open; name the sandboxes' interfaces, such as {sb+}" -}}
{{- end -}}
{{- if and $webhook.enabled (eq $webhook.failurePolicy "Ignore") -}}
{{- $_ := set $weak "webhook-ignore" "admission.webhook.failurePolicy is Ignore: while control is away pods are born without their session's annotation" -}}
{{- end -}}
{{- if not $v.node.taint.enabled -}}
{{- $_ := set $weak "no-taint" "node.taint.enabled is false: sandboxes may be placed on a node whose rules are not in force" -}}
{{- end -}}
{{- range $key, $value := $v.node.limits -}}
{{- if eq (int64 $value) 0 -}}
{{- $_ := set $weak "no-limits" (printf "node.limits.%s is 0: one sandbox may take all of a node" $key) -}}
{{- end -}}
{{- end -}}
{{- if $v.control.enabled -}}
{{- $service := $v.control.service -}}
{{- if or (eq $service.type "NodePort") (and (eq $service.type "LoadBalancer") (not $service.loadBalancerSourceRanges)) -}}
{{- $_ := set $weak "reachable-control" (printf "control.service.type is %s: whoever reaches it may knock at the console and the API; use ClusterIP, or LoadBalancer with loadBalancerSourceRanges" $service.type) -}}
{{- end -}}
{{- if and (eq $v.control.store.kind "postgresql") $v.control.store.postgresql.url (not (contains "sslmode=verify-full" $v.control.store.postgresql.url)) -}}
{{- $_ := set $weak "unverified-database" "control.store.postgresql.url lacks sslmode=verify-full: whoever stands between could read the settings and change them" -}}
{{- end -}}
{{- end -}}
{{- range $code, $reason := $weak -}}
{{- if not (has $code $v.confirm) -}}
{{- $bad = append $bad (printf "%s. If it is meant, put %s into confirm" $reason $code) -}}
{{- end -}}
{{- end -}}

{{- if $bad -}}
{{- fail (printf "\n\nNot installed:\n\n  - %s\n" (join "\n\n  - " $bad)) -}}
{{- end -}}
{{- end -}}

{{/* What weakens the guard although it was meant, a line each. */}}
{{- define "sallyport.weakened" -}}
{{- $v := .Values -}}
{{- range $code := $v.confirm }}
  - confirmed: {{ $code }}
{{- end }}
{{- if and $v.admission.policy.enabled (not $v.admission.policy.requireDropNetRaw) }}
  - sandboxes may keep NET_RAW; what they send by it still meets the host's rules
{{- end }}
{{- if not $v.node.update.maxSurge }}
  - node.update.maxSurge is 0: a node has no DNS while its pod is replaced; nothing opens
{{- end }}
{{- if not $v.sandboxes.runtimeClassNames }}
  - sandboxes may use any runtime class, and so the host's kernel
{{- end }}
{{- if eq $v.node.runAs "root" }}
  - the node runs as user 0, with two capabilities
{{- end }}
{{- end -}}
