package casefile

import (
	"slices"
	"time"

	agencyv1 "github.com/throughtrain/throughtrain/proto/gen/throughtrain/agency/v1"
)

// with lets something happen to an item that is there.
func (c *Case) with(code string, e Event, f func(i *Item)) (known, follows bool) {
	i := c.Item(code)
	if i == nil {
		return true, false
	}
	i.Touched = e.Time
	if e.Line != nil {
		i.Line = max(i.Line, e.Line.GetSequence())
	}
	f(i)
	return true, true
}

func (c *Case) applyItem(e Event) (known, follows bool) {
	switch b := e.Body.(type) {
	case *agencyv1.ItemSubmitted:
		return c.with(b.GetItem(), e, func(i *Item) {
			*i = Item{Def: i.Def, Unit: i.Unit, State: i.State, Touched: e.Time, Attempt: int(b.GetAttempt()), OnPromise: b.GetOnPromise(), SubmitTime: e.Time}
			i.move(Received, e.Time)
		})
	case *agencyv1.ItemAccepted:
		return c.with(b.GetItem(), e, func(i *Item) {
			i.AcceptTime, i.Deemed, i.Tolerant = b.GetAcceptTime().AsTime(), b.GetDeemed(), b.GetCommitment() > 0
			if k := c.Commitment(int(b.GetCommitment())); k != nil {
				k.State = agencyv1.Commitment_RUNNING
			}
			i.move(WindowAccepted, e.Time)
		})
	case *agencyv1.ItemTakenOn:
		return c.with(b.GetItem(), e, func(i *Item) { i.move(DepartmentAccepted, e.Time) })
	case *agencyv1.ItemNotAccepted:
		return c.with(b.GetItem(), e, func(i *Item) {
			i.Reason, i.NotNeeded = b.GetReason(), b.GetNotNeeded()
			i.move(NotAccepted, e.Time)
		})
	case *agencyv1.AcceptanceRefused:
		return c.with(b.GetItem(), e, func(i *Item) {
			i.Reason, i.Remedy = b.GetReason(), b.GetRemedy()
			i.move(AcceptanceRefused, e.Time)
		})
	case *agencyv1.CorrectionRequested:
		return c.with(b.GetItem(), e, func(i *Item) {
			i.Correction = &Correction{Materials: b.GetMaterials(), Texts: b.GetTexts(), Note: b.GetNote(), Since: e.Time}
			i.move(CorrectionOpen, e.Time)
		})
	case *agencyv1.CorrectionMade:
		return c.with(b.GetItem(), e, func(i *Item) {
			made := *i.Correction
			made.Made = e.Time
			i.Correction = &made
			i.move(Corrected, e.Time)
		})
	case *agencyv1.ProcedureStarted:
		return c.with(b.GetItem(), e, func(i *Item) {
			i.Procedure = &Procedure{Kind: b.GetProcedure(), Notice: b.GetNotice(), Since: e.Time, Until: b.GetUntilTime().AsTime()}
			i.move(ProcedureOpen, e.Time)
		})
	case *agencyv1.ProcedureEnded:
		return c.with(b.GetItem(), e, func(i *Item) {
			i.Procedure = nil
			i.move(ProcedureEnded, e.Time)
		})
	case *agencyv1.LimitExtended:
		return c.with(b.GetItem(), e, func(i *Item) { i.Extended = true })
	default:
		return false, false
	}
}

func (c *Case) applyDecision(e Event) (known, follows bool) {
	switch b := e.Body.(type) {
	case *agencyv1.ItemApproved:
		return c.with(b.GetItem(), e, func(i *Item) {
			i.Conditions, i.Workdays, i.DecideTime = b.GetConditions(), int(b.GetWorkdays()), e.Time
			if b.GetOnPromise() {
				if k := c.signedFor(i, i.Attempt, agencyv1.Commitment_PROMISE); k != nil {
					k.State = agencyv1.Commitment_RUNNING
				}
			}
			to := Approved
			if b.GetTolerantly() {
				to = ApprovedTolerantly
			}
			i.move(to, e.Time)
		})
	case *agencyv1.ItemRefused:
		return c.with(b.GetItem(), e, func(i *Item) {
			i.Reason, i.Remedy, i.Workdays, i.Cause, i.DecideTime = b.GetReason(), b.GetRemedy(), int(b.GetWorkdays()), b.GetCause(), e.Time
			i.move(Refused, e.Time)
		})
	case *agencyv1.ItemRetracted:
		return c.with(b.GetItem(), e, func(i *Item) {
			i.Reason, i.Cause = b.GetReason(), b.GetCause()
			i.move(Retracted, e.Time)
		})
	case *agencyv1.WithdrawalRequested:
		return c.with(b.GetItem(), e, func(i *Item) {
			i.Before, i.Reason = i.State, b.GetReason()
			i.move(WithdrawalPending, e.Time)
		})
	case *agencyv1.WithdrawalDeclined:
		return c.with(b.GetItem(), e, func(i *Item) {
			to := i.Before
			i.Before, i.Reason = 0, ""
			i.move(to, e.Time)
		})
	case *agencyv1.ItemWithdrawn:
		return c.with(b.GetItem(), e, func(i *Item) {
			i.Cause, i.Before, i.Procedure = b.GetCause(), 0, nil
			i.move(Withdrawn, e.Time)
		})
	case *agencyv1.ItemRevoked:
		return c.with(b.GetItem(), e, func(i *Item) {
			i.Reason, i.Cause = b.GetReason(), b.GetCause()
			c.revokeCertificates(i.Def.Code, e.Time)
			i.move(Revoked, e.Time)
		})
	case *agencyv1.ItemConfirmed:
		return c.with(b.GetItem(), e, func(i *Item) { i.move(Approved, e.Time) })
	case *agencyv1.CertificateIssued:
		return c.with(b.GetItem(), e, func(*Item) {
			c.Certificates = append(c.Certificates, Certificate{Number: b.GetNumber(), Item: b.GetItem(), Document: b.GetDocument(), From: b.GetValidFrom(),
				Until: b.GetValidUntil(), Check: b.GetCheckSha256(), Time: e.Time})
		})
	default:
		return false, false
	}
}

func (c *Case) revokeCertificates(item string, at time.Time) {
	for i := range c.Certificates {
		if k := &c.Certificates[i]; k.Item == item && k.Revoked.IsZero() {
			k.Revoked = at
		}
	}
}

// promised lets something happen to a commitment that is there.
func (c *Case) promised(number int32, e Event, f func(k *Commitment)) (known, follows bool) {
	k := c.Commitment(int(number))
	if k == nil {
		return true, false
	}
	if i := c.Item(k.Item); i != nil {
		i.Touched = e.Time
	}
	f(k)
	return true, true
}

func (c *Case) applyCommitment(e Event) (known, follows bool) {
	switch b := e.Body.(type) {
	case *agencyv1.CommitmentSigned:
		if int(b.GetNumber()) != len(c.Commitments)+1 {
			return true, false
		}
		c.Commitments = append(c.Commitments, Commitment{Number: int(b.GetNumber()), Item: b.GetItem(), Attempt: int(b.GetAttempt()), Kind: b.GetKind(),
			State: agencyv1.Commitment_SIGNED, Materials: b.GetMaterials(), Workdays: int(b.GetWorkdays()), Consequence: b.GetConsequence(), Text: b.GetText(),
			SHA256: b.GetTextSha256(), Signer: b.GetSigner(), SignerName: b.GetSignerName(), SignTime: e.Time})
		return true, true
	case *agencyv1.CommitmentKept:
		return c.promised(b.GetNumber(), e, func(k *Commitment) { k.State, k.EndTime = agencyv1.Commitment_KEPT, e.Time })
	case *agencyv1.CommitmentBroken:
		return c.promised(b.GetNumber(), e, func(k *Commitment) {
			k.State, k.EndTime, k.Consequence = agencyv1.Commitment_BROKEN, e.Time, b.GetConsequence()
		})
	case *agencyv1.CommitmentReleased:
		return c.promised(b.GetNumber(), e, func(k *Commitment) { k.State, k.EndTime = agencyv1.Commitment_RELEASED, e.Time })
	case *agencyv1.CommitmentExtensionRequested:
		return c.promised(b.GetNumber(), e, func(k *Commitment) {
			k.Extension = &Extension{Workdays: int(b.GetWorkdays()), Reason: b.GetReason(), Documents: b.GetDocuments(), Time: e.Time}
		})
	case *agencyv1.CommitmentExtensionDecided:
		return c.promised(b.GetNumber(), e, func(k *Commitment) {
			if k.Extension == nil {
				return
			}
			decided := *k.Extension
			decided.Decision, decided.Answer = DecisionRefused, b.GetReason()
			if b.GetGranted() {
				decided.Decision = DecisionGranted
			}
			k.Extension = &decided
		})
	case *agencyv1.CreditRepaired:
		return c.promised(b.GetNumber(), e, func(k *Commitment) { k.RepairTime = e.Time })
	case *agencyv1.PromiseReported:
		return c.promised(b.GetNumber(), e, func(k *Commitment) { k.Reported = true })
	case *agencyv1.PromiseDiffers:
		return c.promised(b.GetNumber(), e, func(k *Commitment) {
			k.State, k.Reported, k.Fixing = agencyv1.Commitment_TO_FIX, false, true
		})
	default:
		return false, false
	}
}

// Decisions about a wish for more time.
const (
	DecisionGranted = "granted"
	DecisionRefused = "refused"
)

func (c *Case) applyAside(e Event) (known, follows bool) {
	switch b := e.Body.(type) {
	case *agencyv1.JointReviewOpened:
		if int(b.GetNumber()) != len(c.Reviews)+1 {
			return true, false
		}
		r := Review{Number: int(b.GetNumber()), Items: b.GetItems(), Lead: b.GetLeadUnit(), Text: b.GetText(), Time: e.Time}
		for _, u := range b.GetUnits() {
			r.Opinions = append(r.Opinions, Opinion{Unit: u})
		}
		c.Reviews = append(c.Reviews, r)
	case *agencyv1.OpinionGiven:
		r := c.review(int(b.GetNumber()))
		if r == nil {
			return true, false
		}
		n := slices.IndexFunc(r.Opinions, func(o Opinion) bool { return o.Unit == b.GetUnit() })
		if n < 0 {
			return true, false
		}
		r.Opinions[n] = Opinion{Unit: b.GetUnit(), Opinion: b.GetOpinion(), Text: b.GetText(), Time: e.Time}
	case *agencyv1.JointReviewConcluded:
		r := c.review(int(b.GetNumber()))
		if r == nil || !r.Concluded.IsZero() {
			return true, false
		}
		r.Concluded, r.Conclusion = e.Time, b.GetText()
	case *agencyv1.MeetingRecorded:
		c.Meetings++
	case *agencyv1.TicketLinked:
		c.Tickets = append(c.Tickets, Ticket{ID: b.GetTicket(), Number: b.GetNumber(), Item: b.GetItem(), Reason: b.GetReason(), Time: e.Time})
	case *agencyv1.TicketMoved:
		n := slices.IndexFunc(c.Tickets, func(t Ticket) bool { return t.ID == b.GetTicket() })
		if n < 0 {
			return true, false
		}
		c.Tickets[n].Closed = !b.GetOpen()
	case *agencyv1.CaseContentErased:
		c.Erased = true
	case *agencyv1.NoteWritten, *agencyv1.ClockWarned, *agencyv1.ClockReminded, *agencyv1.ClockBreached, *agencyv1.DeadlinesRecomputed:
		// all they do is in the clocks, or in rows
	default:
		return false, false
	}
	return true, true
}

func (c *Case) review(number int) *Review {
	if number < 1 || number > len(c.Reviews) {
		return nil
	}
	return &c.Reviews[number-1]
}
