module bonafide/document/brainpool

go 1.24
