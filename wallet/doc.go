// Package wallet reads addresses of crypto-asset networks and verifies their
// checksums offline, after the specifications of the networks: Base58Check,
// Bech32 and Bech32m (BIP-173, BIP-350), EIP-55, CIP-19, CashAddr. It is pure:
// same text, same answer.
//
// [OnNetwork] verifies an address against one of the [Networks] and gives its
// normal form. [SameOwner] gives the spellings under which a list may hold the
// same key or script, and [SameAddress] compares two spellings. The room knows
// neither forms (room field) nor lists (room check asks them).
//
// To add a network: a name in Networks with what it verifies, one case in
// OnNetwork, and addresses in the tests.
package wallet
