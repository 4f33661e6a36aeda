// Package meters counts what the program does and shows it to an operator:
// OpenTelemetry with a Prometheus exporter, GET /metrics. Labels are words of
// the program (a policy, a status, a job's kind) or an operator's list, never
// an id, a name or a path: their number is bounded and nobody shows.
// docs/guide/operate.md explains each metric.
//
// A counter is told by the part that does the work ([Meters.Stored],
// [Meters.Webhook], [Meters.Job], [Checks]); a gauge looks at what is [Watched].
// To add one, add it to New or to watch, and to the guide.
package meters
