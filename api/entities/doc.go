// Package entities is surface C, /v2: individuals, workflow executions and
// process results (seed 002, section 5 of the specification). It translates
// and does nothing else: the rooms entity and execution act, the room
// procedure judges.
//
// What is translated: times, ids (executions are ULIDs outside), countries
// (ISO 3166-1 alpha-3 outside, alpha-2 inside) and the names of members. Every
// body carries the requestId of its request.
//
// How to extend it: a route goes into the file of its noun, its types beside
// it, each field with a doc tag; docs_test.go lists every route, and
// shape_test.go compares what is shown with the specification's lists.
package entities
