package provider

// similarityCalibration names the table that makes the API's score of
// Rekognition's similarity. A change of the table is a new name.
const similarityCalibration = "aws-similarity-1"

// similarityScore puts Rekognition's similarity (0-100) on the API's scale of
// 0-1, where 0.80 is the point from which two faces count as one person's. 80,
// below which the service leaves matches out by default, is 0.50 here; 99, which
// AWS names for uses where a match weighs on a person, is 0.80; straight lines lie
// between. The anchors are a choice after the publisher's words: nothing here
// was measured.
func similarityScore(similarity float64) float64 {
	points := [][2]float64{{0, 0}, {80, 0.50}, {99, 0.80}, {100, 1}}
	for i := 1; i < len(points); i++ {
		a, b := points[i-1], points[i]
		if similarity <= b[0] {
			return a[1] + (b[1]-a[1])*(max(similarity, 0)-a[0])/(b[0]-a[0])
		}
	}
	return 1
}
