module bonafide/chip/brainpool

go 1.24
