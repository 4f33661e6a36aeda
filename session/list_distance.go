package session

import (
	"math"
	"net/netip"
)

// jaroWinkler is the similarity of two texts, 0-1 (Winkler, "String
// Comparator Metrics and Enhanced Decision Rules", 1990), with the usual
// prefix weight of 0.1 over at most four letters.
func jaroWinkler(a, b []rune) float64 {
	j := jaro(a, b)
	prefix := 0
	for prefix < min(4, len(a), len(b)) && a[prefix] == b[prefix] {
		prefix++
	}
	return j + float64(prefix)*0.1*(1-j)
}

func jaro(a, b []rune) float64 {
	if len(a) == 0 || len(b) == 0 {
		return 0
	}
	window := max(max(len(a), len(b))/2-1, 0)
	matchedA, matchedB := make([]bool, len(a)), make([]bool, len(b))
	matches := 0
	for i := range a {
		for j := max(0, i-window); j < min(len(b), i+window+1); j++ {
			if !matchedB[j] && a[i] == b[j] {
				matchedA[i], matchedB[j] = true, true
				matches++
				break
			}
		}
	}
	if matches == 0 {
		return 0
	}
	transposed, j := 0, 0
	for i := range a {
		if !matchedA[i] {
			continue
		}
		for !matchedB[j] {
			j++
		}
		if a[i] != b[j] {
			transposed++
		}
		j++
	}
	m := float64(matches)
	return (m/float64(len(a)) + m/float64(len(b)) + (m-float64(transposed)/2)/m) / 3
}

// distanceKM is the great-circle distance on a sphere of 6,371 km (haversine).
func distanceKM(lat1, lon1, lat2, lon2 float64) float64 {
	rad := math.Pi / 180
	dLat, dLon := (lat2-lat1)*rad, (lon2-lon1)*rad
	h := math.Pow(math.Sin(dLat/2), 2) + math.Cos(lat1*rad)*math.Cos(lat2*rad)*math.Pow(math.Sin(dLon/2), 2)
	return 2 * 6371 * math.Asin(math.Min(1, math.Sqrt(h)))
}

// cosine of the angle between two vectors; 0 when they cannot be compared.
func cosine(a, b []float64) float64 {
	n := norm(a) * norm(b)
	if len(a) != len(b) || n == 0 {
		return 0
	}
	dot := 0.0
	for i := range a {
		dot += a[i] * b[i]
	}
	return dot / n
}

// contains is 1 when the entry, an address or a range, holds the address.
func contains(entry, value string) float64 {
	addr, err := netip.ParseAddr(value)
	if err != nil {
		if entry == value {
			return 1
		}
		return 0
	}
	addr = addr.Unmap()
	if p, err := netip.ParsePrefix(entry); err == nil && p.Contains(addr) {
		return 1
	}
	if a, err := netip.ParseAddr(entry); err == nil && a.Unmap() == addr {
		return 1
	}
	return 0
}
