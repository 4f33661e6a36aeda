package kyc

import (
	"encoding/json"
	"strconv"
	"time"
)

// Extract adds what was read from documents to the facts by field name. Of
// two readings of one field the more certain stands; of two equally certain
// ones the first. The age in full years on the given day follows from the date
// of birth where no document states it. Empty readings teach nothing.
func Extract(into map[string]any, fields []Field, day time.Time) {
	certain := map[string]float64{}
	for _, f := range fields {
		if f.Name == "" || f.Value == "" {
			continue
		}
		if c, twice := certain[f.Name]; twice && c >= f.Confidence {
			continue
		}
		certain[f.Name] = f.Confidence
		var v any = f.Value
		if _, err := strconv.Atoi(f.Value); err == nil && f.Name == "age" {
			v = json.Number(f.Value)
		}
		into[f.Name] = v
	}
	if _, told := certain["age"]; told {
		return
	}
	if born, ok := into["date_of_birth"].(string); ok {
		if age, ok := AgeOn(born, day); ok {
			into["age"] = json.Number(strconv.Itoa(age))
		}
	}
}

// AgeOn is the age in full years on a day; born is YYYY-MM-DD. It reports
// false for a date that is none or lies behind the day.
func AgeOn(born string, day time.Time) (int, bool) {
	b, err := time.Parse(time.DateOnly, born)
	if err != nil || b.After(day) {
		return 0, false
	}
	day = day.UTC()
	age := day.Year() - b.Year()
	if day.Month() < b.Month() || (day.Month() == b.Month() && day.Day() < b.Day()) {
		age--
	}
	return age, true
}
