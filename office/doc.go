// Package office is the part of the console around the cases: sessions and the
// people behind them, lists and screening, monitoring, webhooks, API keys, the
// team, the audit chain, figures and settings.
//
// Every page is a struct and a template of its name; every action is a form
// that goes to the machine the public API uses, so rules, events and audit are
// the same. Filters such as a status or a period stand in the address. What
// names a person (a reference, a name to screen) is sent by POST and stands in
// no address, log or history of a browser. What is shown once (the text of an
// API key, a signing secret, a first password, an applicant's link) is in the
// answer to the form that made it and nowhere else.
package office
