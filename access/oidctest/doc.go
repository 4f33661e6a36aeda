// Package oidctest is an OpenID provider for tests: discovery, keys (RSA and
// elliptic), authorization with PKCE, codes that count once, tokens, userinfo.
// It is written from the standards with the standard library alone, so that the
// library under test meets a stranger. It can be told to do wrong.
package oidctest
