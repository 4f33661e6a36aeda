package flow

import (
	"crypto/sha256"
	"encoding/binary"
	"encoding/json"
	"strings"

	"github.com/cockroachdb/apd/v3"
)

// ScorePart is what one factor of a score node added.
type ScorePart struct {
	Name   string      `json:"name"`
	Points json.Number `json:"points"`
}

// Score computes a score node: Base plus the points of every factor whose
// conditions hold, kept within 0 to 100, in decimal arithmetic. The parts say
// what each counting factor added, before the bounds were applied. The engine
// stores the total as risk.score.
func Score(n *Node, facts map[string]any) (total json.Number, parts []ScorePart) {
	ctx := apd.BaseContext.WithPrecision(34)
	sum := decimalOr0(n.Base)
	for _, f := range n.Factors {
		if len(f.Conditions) > 0 && !Holds(f.Conditions, f.Match, facts) {
			continue
		}
		points := decimalOr0(f.Weight)
		if f.Field != "" {
			fact, _ := Lookup(facts, f.Field)
			if value, ok := numberOf(fact); ok {
				product := new(apd.Decimal)
				if _, err := ctx.Mul(product, points, value); err == nil {
					points = product
				}
			} else {
				points = decimalOr0(f.IfMissing)
			}
		}
		if _, err := ctx.Add(sum, sum, points); err == nil {
			parts = append(parts, ScorePart{Name: f.Name, Points: plainNumber(points)})
		}
	}
	switch {
	case sum.Negative:
		return "0", parts
	case sum.Cmp(apd.New(100, 0)) > 0:
		return "100", parts
	}
	return plainNumber(sum), parts
}

func decimalOr0(n json.Number) *apd.Decimal {
	if d, ok := parseNumber(string(n)); ok {
		return d
	}
	return apd.New(0, 0)
}

// plainNumber writes a decimal without exponent and without trailing zeros.
func plainNumber(d *apd.Decimal) json.Number {
	s := d.Text('f')
	if strings.Contains(s, ".") {
		s = strings.TrimRight(strings.TrimRight(s, "0"), ".")
	}
	if s == "-0" || s == "" {
		s = "0"
	}
	return json.Number(s)
}

// ChooseArm picks an arm of a split node by weight and returns its index. The
// same node and key (the subject's id) always get the same arm.
func ChooseArm(n *Node, key string) int {
	total := uint64(0)
	for _, a := range n.Arms {
		total += uint64(max(a.Weight, 0))
	}
	if total == 0 {
		return 0
	}
	sum := sha256.Sum256([]byte(n.ID + ":" + key))
	at := binary.BigEndian.Uint64(sum[:8]) % total
	for i, a := range n.Arms {
		weight := uint64(max(a.Weight, 0))
		if at < weight {
			return i
		}
		at -= weight
	}
	return len(n.Arms) - 1
}
