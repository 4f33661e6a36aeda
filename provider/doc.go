// Package provider asks other people's services: Amazon Rekognition and
// Textract, and any server that speaks the published protocol ([Schema]). They
// fill the ports of rooms face and document, as the local engines do.
//
// [Router] is the way in. For an organisation and a kind of question it asks
// the providers in the order of the organisation's settings. Only a provider
// that does not answer (an error, a time-out, a refusal of our credentials)
// makes room for the next; what it says about a picture, a "no" included, is
// the answer. Who was asked in vain, and why, is part of the answer
// ([kyc.Tried]).
//
// Three rules hold everywhere. An answer that does not fit its schema is an
// error, never a number. Errors name codes and request ids, never addresses,
// keys, names or what a service wrote in its message. And a service that fails
// several times in a row is left alone for a while ([breaker]).
//
// To add a provider, write one file that fills the ports, add its name to
// kyc/provider.go and to kindsOf, give Router.port its case, and put a stand-in
// of its wire into the table of contract_test.go.
package provider
