// Package webhook tells the customer's systems what happened: endpoints and
// their secrets, signed messages, retries, dead letters, resend and replay.
//
// The store makes a delivery for each endpoint that wants an event, in the
// transaction of the event. The Sender takes due deliveries from there: at
// once after a commit (Wake), later by River jobs, and after a crash by the
// sweep, because a delivery that was claimed and not finished becomes due
// again when its lease ends. So a message can arrive twice, under one
// webhook-id; it cannot be lost.
//
// Messages follow the Standard Webhooks specification (edition decision E4).
// Guard keeps them, and every other call to an address that a customer named,
// away from private networks.
package webhook
