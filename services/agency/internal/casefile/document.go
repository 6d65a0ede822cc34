package casefile

import "github.com/throughtrain/throughtrain/services/kit/fault"

// MaxDocuments is how many files a case may have.
const MaxDocuments = 500

// ErrDocumentsTooMany refuses one file more.
var ErrDocumentsTooMany = fault.New(fault.Exhausted, "DOCUMENTS_TOO_MANY",
	"每个代办件最多 500 个文件，如需补充请联系代办员。", "A case has at most 500 files. Turn to the agent if another one is needed.")

// room: the case takes one file more.
func (c *Case) room() error {
	if len(c.Documents) >= MaxDocuments {
		return ErrDocumentsTooMany
	}
	return nil
}

// SenderOf is as what an actor sends a file of a purpose.
func (c *Case) SenderOf(a Actor, purpose string) string {
	if ofUnits(purpose) {
		return SupplierUnit
	}
	return c.supplierOf(a)
}

// ofUnits tells the purposes of what only units send.
func ofUnits(purpose string) bool { return purpose == PurposeCertificate || purpose == PurposeNotice }

// supplierOf is as what an actor supplies: the nearest to the enterprise of what they are.
func (c *Case) supplierOf(a Actor) string {
	if a.Kind == LineActor {
		return SupplierSystem
	}
	p := c.PartyOf(a)
	switch {
	case p&Applicant != 0:
		return SupplierEnterprise
	case p&Agent != 0:
		return SupplierAgent
	case p&Department != 0:
		return SupplierDepartment
	case p&Unit != 0:
		return SupplierUnit
	case p&Centre != 0:
		return SupplierCentre
	default:
		return SupplierOffice
	}
}

// As what somebody supplies.
const (
	SupplierEnterprise = "enterprise"
	SupplierAgent      = "agent"
	SupplierDepartment = "department" // the county's, which opened the case for the enterprise
	SupplierUnit       = "unit"
	SupplierCentre     = "centre"
	SupplierOffice     = "office"
	SupplierSystem     = "system"
)

// SentAs is who announced a file, as what they announced it and as no more: whatever else they are by the time it has arrived, nothing that was announced
// is lost for it. Only an agent must still be one.
func (c *Case) SentAs(person, supplier string) Actor {
	a := Actor{Kind: PersonActor, Person: person}
	switch supplier {
	case SupplierEnterprise:
		a.Enterprises = []string{c.Enterprise}
	case SupplierAgent:
		a.Agent = true
	case SupplierDepartment:
		a.Clerk = []string{c.OpenerUnit}
	case SupplierUnit:
		for n := range c.Items {
			a.Clerk = append(a.Clerk, c.Items[n].Unit)
		}
	case SupplierCentre:
		a.Centre = true
	}
	return a
}
