package desk

// Kinds of texts.
const (
	KindOpening    = "opening"
	KindReason     = "reason" // why something was decided as it was
	KindRemedy     = "remedy"
	KindAgreement  = "agreement"  // the words of an entrustment
	KindCommitment = "commitment" // the words of a promise
	KindName       = "name"       // of who signed
	KindNotice     = "notice"     // a written notice to the enterprise
	KindDeficiency = "deficiency"
	KindRequest    = "request"
	KindNote       = "note"
	KindOpinion    = "opinion"
	KindMeeting    = "meeting"
	KindCheck      = "check"  // a certificate's check code
	KindTicket     = "ticket" // what was filed with the hotline
)
