package recompute

import "time"

// event is what is read of an entry of the history: what happened and when.
type event struct {
	Time  time.Time
	Event struct {
		CasePlanned *struct{ Items []plannedItem }
		CaseClosed  *struct{}

		ItemSubmitted *struct {
			Item    string
			Attempt int
		}
		ItemAccepted      *itemAccepted
		ItemApproved      *itemApproved
		ProcedureStarted  *procedureStarted
		LimitExtended     *limitExtended
		CommitmentSigned  *commitmentSigned
		ItemRefused       *ofItem
		ItemRetracted     *ofItem
		ItemWithdrawn     *ofItem
		ItemRevoked       *ofItem
		ItemConfirmed     *ofItem
		ItemNotAccepted   *ofItem
		AcceptanceRefused *ofItem
		CertificateIssued *ofItem

		CorrectionRequested, CorrectionMade, ProcedureEnded *ofItem
		WithdrawalRequested, WithdrawalDeclined             *ofItem

		MaterialRequested *materialRequested
		DocumentAdded     *ofMaterial
		MaterialObtained  *ofMaterial

		CommitmentKept, CommitmentBroken, CommitmentReleased     *ofCommitment
		CommitmentExtensionRequested, CommitmentExtensionDecided *ofCommitment
		PromiseReported, PromiseDiffers                          *ofCommitment
	}
}

// plannedItem is what a plan says of an item.
type plannedItem struct {
	Code                                string
	StatutoryWorkdays, PromisedWorkdays int
	Certificate                         string
	Tolerance                           *struct{ CertificateAtOnce bool }
	Promise                             *struct{ CheckWorkdays, FixWorkdays int }
}

type ofItem struct{ Item, Cause string }

type ofMaterial struct{ Material string }

type materialRequested struct {
	Number, Workdays int
	Material         string
}

type ofCommitment struct {
	Number, Workdays int
	Granted          bool
	Cause            string
}

type itemAccepted struct {
	Item       string
	AcceptTime time.Time
	Deemed     bool
	Commitment int
}

type itemApproved struct {
	Item                  string
	Tolerantly, OnPromise bool
}

type procedureStarted struct {
	Item      string
	UntilTime time.Time
}

type limitExtended struct {
	Item     string
	Workdays int
}

type commitmentSigned struct {
	Number, Attempt, Workdays int
	Item, Kind                string
}
