package field

import (
	"fmt"
	"math/big"
	"slices"
	"strings"
	"sync"
	"time"

	"golang.org/x/text/currency"
)

type volumeKind struct{}

func (volumeKind) spec() TypeSpec {
	return TypeSpec{
		Name: "volume", Category: "semantic",
		Summary: "An expected amount of money per month or year; numeric operators compare its amount.",
		Stored:  "{amount,currency,period}, with bracket (its label) where the field has brackets",
		Options: []OptionSpec{
			opt("currency", "string", nil, "ISO 4217 code; absent: the applicant names it"),
			opt("period", "string", nil, "monthly or annual; absent: the applicant names it"),
			opt("brackets", "bracket[]", nil, "bands in rising order as {max,label}; max is included, and null in the last band leaves it open. Choosing a band by its label alone counts as its max, the careful reading"),
		},
		Rules: numberRules(),
	}
}

func (volumeKind) define(d *definer, f *Field, at string) {
	if f.Currency != "" {
		if _, ok := money(f.Currency); !ok {
			d.add(at+"/currency", "currency_invalid", "%q is no ISO 4217 currency in use", f.Currency)
		}
	}
	if f.Period != "" && f.Period != "monthly" && f.Period != "annual" {
		d.add(at+"/period", "period_invalid", "period is monthly or annual")
	}
	if f.Brackets != nil && len(f.Brackets) == 0 {
		d.add(at+"/brackets", "range_invalid", "an empty list of brackets allows no amount at all; leave it out")
	}
	var last *big.Rat
	labels := map[string]bool{}
	for i, b := range f.Brackets {
		here := fmt.Sprintf("%s/brackets/%d", at, i)
		if clean(b.Label) == "" || clean(b.Label) != b.Label || labels[b.Label] {
			d.add(here+"/label", "bracket_invalid", "every bracket needs a label of its own")
		}
		labels[b.Label] = true
		if b.Max == nil {
			if i != len(f.Brackets)-1 {
				d.add(here+"/max", "bracket_invalid", "only the last bracket may be open")
			}
			continue
		}
		limit, ok := decimal(*b.Max)
		if !ok || limit.Sign() < 0 || last != nil && limit.Cmp(last) <= 0 {
			d.add(here+"/max", "bracket_invalid", "the limits of brackets must rise")
			continue
		}
		last = limit
	}
}

// money checks a currency that is legal tender somewhere, and gives the number
// of its decimals.
func money(code string) (decimals int, ok bool) {
	unit, err := currency.ParseISO(code)
	if err != nil || unit.String() != code || !tender()[code] {
		return 0, false
	}
	decimals, _ = currency.Standard.Rounding(unit)
	return decimals, true
}

// tender is what x/text knows as legal tender at the start of 2026; ParseISO
// alone would accept the Deutsche Mark.
var tender = sync.OnceValue(func() map[string]bool {
	m := map[string]bool{}
	day := time.Date(2026, 1, 2, 0, 0, 0, 0, time.UTC)
	for it := currency.Query(currency.Date(day)); it.Next(); {
		m[it.Unit().String()] = true
	}
	return m
})

func (volumeKind) read(c *call, f *Field, at string, v any) (any, bool) {
	m, ok := v.(map[string]any)
	if !ok {
		if _, number := literal(v); !number {
			c.add(at, "wrong_type", "the answer must be an object with amount, currency and period")
			return nil, false
		}
		m = map[string]any{"amount": v}
	}
	before := len(c.problems)
	c.members(at, m, "amount", "currency", "period", "bracket")
	code := c.stated(at, "currency", m["currency"], f.Currency)
	period := c.stated(at, "period", m["period"], f.Period)
	if period != "" && period != "monthly" && period != "annual" {
		c.add(at+"/period", "period_invalid", "the period is monthly or annual")
	}
	amount, label := f.amount(c, at, m)
	if code = strings.ToUpper(code); code != "" {
		decimals, real := money(code)
		switch {
		case !real:
			c.add(at+"/currency", "currency_invalid", "this is no ISO 4217 currency in use")
		case amount != nil && scaleOf(amount) > decimals:
			c.add(at+"/amount", "amount_precision", "an amount in %s has at most %d decimals", code, decimals)
		}
	}
	if len(c.problems) > before || amount == nil {
		return nil, false
	}
	out := map[string]any{"amount": plain(amount), "currency": code, "period": period}
	if label != "" {
		out["bracket"] = label
	}
	return out, true
}

// stated reads a member that the definition may have fixed.
func (c *call) stated(at, name string, v any, fixed string) string {
	if blank(v) {
		if fixed == "" {
			c.add(pointer(at, name), "required", "the %s is needed", name)
		}
		return fixed
	}
	text, ok := c.text(pointer(at, name), v)
	if !ok {
		return ""
	}
	text = strings.TrimSpace(text)
	if fixed != "" && !strings.EqualFold(text, fixed) {
		c.add(pointer(at, name), name+"_not_allowed", "the %s must be %s", name, fixed)
		return fixed
	}
	if fixed != "" {
		return fixed
	}
	return text
}

// amount reads the amount and finds its bracket. nil means that a problem was
// reported.
func (f *Field) amount(c *call, at string, m map[string]any) (*big.Rat, string) {
	label, chosen := "", !blank(m["bracket"])
	if chosen {
		text, ok := c.text(at+"/bracket", m["bracket"])
		if !ok {
			return nil, ""
		}
		label = clean(text)
		if !slices.ContainsFunc(f.Brackets, func(b Bracket) bool { return b.Label == label }) {
			c.add(at+"/bracket", "option_unknown", "there is no such bracket")
			return nil, ""
		}
	}
	if blank(m["amount"]) {
		for _, b := range f.Brackets {
			if chosen && b.Label == label && b.Max != nil {
				limit, _ := decimal(*b.Max)
				return limit, label
			}
		}
		c.add(at+"/amount", "required", "an amount is needed")
		return nil, ""
	}
	n, ok := c.number(at+"/amount", m["amount"])
	if !ok {
		return nil, ""
	}
	if n.Sign() < 0 {
		c.add(at+"/amount", "too_small", "an amount is not negative")
		return nil, ""
	}
	if len(f.Brackets) == 0 {
		return n, ""
	}
	for _, b := range f.Brackets {
		limit, _ := decimal(maxOf(b))
		if limit != nil && n.Cmp(limit) > 0 {
			continue
		}
		if chosen && b.Label != label {
			c.add(at+"/bracket", "bracket_mismatch", "the amount is not within the chosen bracket")
			return nil, ""
		}
		return n, b.Label
	}
	c.add(at+"/amount", "too_large", "the amount is above every bracket")
	return nil, ""
}

func maxOf(b Bracket) any {
	if b.Max == nil {
		return nil
	}
	return *b.Max
}
