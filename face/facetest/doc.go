// Package facetest makes films of a turning head out of one photograph, for
// tests alone: there is no film of a person in the data folder.
//
// What it makes is rendered and no person. A head is a surface of ordinary
// proportions (Head) that the photograph is laid on; it is turned, brought
// closer and seen in perspective while what is around it stays. The same
// photograph as a print held flat (Flat) or rolled (Rolled) shows what a forger
// can do with paper. Rendered films say whether the rules of a challenge hold
// together with the real networks; they say nothing of how often people pass.
package facetest
