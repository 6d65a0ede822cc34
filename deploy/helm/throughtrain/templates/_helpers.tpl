{{- define "tt.labels" -}}
app.kubernetes.io/part-of: throughtrain
app.kubernetes.io/instance: {{ .root.Release.Name }}
app.kubernetes.io/managed-by: {{ .root.Release.Service }}
app.kubernetes.io/version: {{ .root.Chart.AppVersion | quote }}
helm.sh/chart: {{ .root.Chart.Name }}-{{ .root.Chart.Version }}
{{- with .name }}
app.kubernetes.io/name: {{ . }}
{{- end }}
{{- end }}

{{- define "tt.selector" -}}
app.kubernetes.io/instance: {{ .root.Release.Name }}
app.kubernetes.io/name: {{ .name }}
{{- end }}

{{- define "tt.image" -}}
{{- $digest := index .root.Values.image.digests .name -}}
{{ .root.Values.image.registry }}/{{ .name }}{{ if $digest }}@{{ $digest }}{{ else }}:{{ .root.Values.image.tag | default .root.Chart.AppVersion }}{{ end }}
{{- end }}

{{- /* Whom a process asks. The network lets each through to these and to nobody else. */ -}}
{{- define "tt.peers" -}}
directory: []
hotline: [directory, attendant]
attendant: [directory, hotline, agency]
agency: [directory, attendant, hotline]
gateway: [directory, hotline, attendant, agency]
{{- end }}

{{- /* Nine tenths of a limit of memory, as Go reads it: the rest is for what Go does not count. */ -}}
{{- define "tt.memory" -}}
{{- if hasSuffix "Gi" . -}}
{{ mulf (trimSuffix "Gi" . | float64) 921.6 | floor | int }}MiB
{{- else if hasSuffix "Mi" . -}}
{{ mulf (trimSuffix "Mi" . | float64) 0.9 | floor | int }}MiB
{{- else -}}
{{ fail (printf "a limit of memory is in Mi or Gi, not %s" .) }}
{{- end -}}
{{- end }}

{{- /* Where names are asked for. */ -}}
{{- define "tt.dns" -}}
- to:
    - namespaceSelector: {matchLabels: {{ toJson .namespace }} }
    {{- range .cidrs }}
    - ipBlock: {cidr: {{ . }}}
    {{- end }}
  ports:
    {{- range .ports }}
    - {protocol: UDP, port: {{ . }}}
    - {protocol: TCP, port: {{ . }}}
    {{- end }}
{{- end }}

{{- /* An address outside, with its ports. */ -}}
{{- define "tt.outside" -}}
- to: [{ipBlock: {cidr: {{ .cidr }}}}]
  ports:
    {{- range .ports }}
    - {protocol: TCP, port: {{ . }}}
    {{- end }}
{{- end }}

{{- define "tt.podSecurity" -}}
runAsNonRoot: true
runAsUser: 65532
runAsGroup: 65532
fsGroup: 65532
fsGroupChangePolicy: OnRootMismatch
seccompProfile: {type: RuntimeDefault}
{{- end }}

{{- define "tt.containerSecurity" -}}
allowPrivilegeEscalation: false
readOnlyRootFilesystem: true
capabilities: {drop: [ALL]}
{{- end }}
