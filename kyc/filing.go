package kyc

// Filing says how a review case is filed.
type Filing struct {
	Queue      string // empty: the default queue
	Priority   int    // higher first
	SLAHours   float64
	ReasonCode string
	By         Actor
}
