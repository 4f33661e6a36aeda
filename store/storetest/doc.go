// Package storetest is the list of promises that both databases must keep,
// and the PostgreSQL that tests run on. Exercise runs every promise against a
// store; store/sqlite and store/postgres call it.
package storetest
