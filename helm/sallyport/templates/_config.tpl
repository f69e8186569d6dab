{{/* The node's configuration file; options say what is different on each node. */}}
{{- define "sallyport.nodeConfig" -}}
{{- $node := .Values.node -}}
dns-address: {{ $node.dnsAddress }}
dns-address-ipv6: {{ $node.dnsAddressIPv6 | quote }}
upstreams:
  {{- toYaml $node.upstreams | nindent 2 }}
{{- with $node.forward }}
forward:
  {{- toYaml . | nindent 2 }}
{{- end }}
{{- with $node.sandboxInterfaces }}
sandbox-interfaces:
  {{- toYaml . | nindent 2 }}
{{- end }}
{{- if $node.policyFile.configMap }}
policy-file: /etc/sallyport/policy/policy.yaml
{{- end }}
kubernetes:
  taint: {{ $node.taint.enabled }}
  org-keys: {{ toJson .Values.sandboxes.orgKeys }}
  agent-keys: {{ toJson .Values.sandboxes.agentKeys }}
cache-mib: {{ $node.cacheMib }}
serve-stale: {{ $node.serveStale }}
dnssec: {{ $node.dnssec }}
threads: {{ $node.threads }}
{{- with $node.queryLog.place }}
query-log: {{ . }}
query-log-mode: {{ $node.queryLog.mode }}
{{- end }}
{{- with $node.limits }}
limits:
  {{- range $key, $value := . }}
  {{ $key }}: {{ $value | int64 }}
  {{- end }}
{{- end }}
{{- end -}}

{{/* Control's configuration file. */}}
{{- define "sallyport.controlConfig" -}}
{{- $control := .Values.control -}}
{{- $postgresql := $control.store.postgresql -}}
{{- $signIn := $control.signIn -}}
# Of IPv6 too, where there is one.
control-listen: 0.0.0.0:7053
{{- if .Values.monitoring.serviceMonitor.enabled }}
control-metrics-listen: 0.0.0.0:9154
{{- end }}
tls-certificate: /etc/sallyport/tls/tls.crt
tls-key: /etc/sallyport/tls/tls.key
{{- if eq $control.store.kind "postgresql" }}
store:
  url: {{ $postgresql.url | quote }}
  user: {{ $postgresql.user | quote }}
  password-file: /etc/sallyport/database/password
{{- end }}
{{- if or $signIn.publicUrl $signIn.issuer }}
sign-in:
  public-url: {{ $signIn.publicUrl | quote }}
  {{- if $signIn.issuer }}
  issuer: {{ $signIn.issuer | quote }}
  client-id: {{ $signIn.clientId | quote }}
  {{- if $signIn.clientSecret }}
  client-secret-file: /etc/sallyport/sign-in/client-secret
  {{- end }}
  {{- if $signIn.caConfigMap }}
  ca-file: /etc/sallyport/sign-in-ca/ca.crt
  {{- end }}
  groups-claim: {{ $signIn.groupsClaim | quote }}
  groups:
    {{- toYaml $signIn.groups | nindent 4 }}
  {{- end }}
{{- end }}
{{- with .Values.admission.webhook }}
{{- if .enabled }}
webhook:
  name-servers: [{{ $.Values.node.dnsAddress | quote }}, {{ $.Values.node.dnsAddressIPv6 | quote }}]
  org-keys: {{ toJson $.Values.sandboxes.orgKeys }}
  agent-keys: {{ toJson $.Values.sandboxes.agentKeys }}
  pool-keys: {{ toJson $.Values.sandboxes.poolKeys }}
  {{- with .runtimeClassName }}
  runtime-class: {{ . }}
  {{- end }}
  {{- if .clientCaConfigMap }}
  client-ca-file: /etc/sallyport/api-server-ca/ca.crt
  {{- end }}
{{- end }}
{{- end }}
{{- with $control.limits }}
control-limits:
  {{- range $key, $value := . }}
  {{ $key }}: {{ $value | int64 }}
  {{- end }}
{{- end }}
{{- end -}}
