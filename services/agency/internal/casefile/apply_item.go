package casefile

import (
	"slices"
	"time"

	agencyv1 "github.com/throughtrain/throughtrain/proto/gen/throughtrain/agency/v1"
)

// with lets something happen to an item that is there, if it can.
func (c *Case) with(code string, e Event, f func(i *Item) bool) (known, follows bool) {
	i := c.Item(code)
	if i == nil || !slices.Contains(worked, c.State) {
		return true, false
	}
	i.Touched = e.Time
	return true, f(i)
}

// moves lets something happen that changes an item's state along an edge of one of the verbs.
func (c *Case) moves(code string, e Event, to ItemState, verbs []Verb, f func(i *Item) bool) (known, follows bool) {
	return c.with(code, e, func(i *Item) bool {
		if !leads(i.State, to, verbs) || !f(i) {
			return false
		}
		i.move(to, e.Time)
		return true
	})
}

func (c *Case) applyItem(e Event) (known, follows bool) {
	switch b := e.Body.(type) {
	case *agencyv1.ItemSubmitted:
		return c.moves(b.GetItem(), e, Received, by(VerbSubmit), func(i *Item) bool {
			next := int(b.GetAttempt()) == i.Attempt+1
			*i = Item{Def: i.Def, Unit: i.Unit, Out: i.Out, Lines: i.Lines, Attempt: i.Attempt + 1, OnPromise: b.GetOnPromise(), SubmitTime: e.Time}
			return next
		})
	case *agencyv1.ItemAccepted:
		return c.moves(b.GetItem(), e, WindowAccepted, by(VerbAccept, VerbDeem), func(i *Item) bool { return c.applyAccepted(i, b) })
	case *agencyv1.ItemTakenOn:
		return c.moves(b.GetItem(), e, DepartmentAccepted, by(VerbTakeOn), func(*Item) bool { return true })
	case *agencyv1.ItemNotAccepted:
		return c.moves(b.GetItem(), e, NotAccepted, by(VerbNotAccept), func(i *Item) bool {
			i.Reason, i.NotNeeded = b.GetReason(), b.GetNotNeeded()
			return true
		})
	case *agencyv1.AcceptanceRefused:
		return c.moves(b.GetItem(), e, AcceptanceRefused, by(VerbRefuseAcceptance), func(i *Item) bool {
			i.Reason, i.Remedy = b.GetReason(), b.GetRemedy()
			return i.AcceptTime.IsZero()
		})
	case *agencyv1.CorrectionRequested:
		return c.moves(b.GetItem(), e, CorrectionOpen, by(VerbRequestCorrection), func(i *Item) bool {
			again := i.Correction != nil
			i.Correction = &Correction{Materials: b.GetMaterials(), Texts: b.GetTexts(), Note: b.GetNote(), Since: e.Time, Supplies: len(c.Supplies)}
			c.stop(e, i, StopCorrection, 0)
			return !again && len(b.GetMaterials()) == len(b.GetTexts())
		})
	case *agencyv1.CorrectionMade:
		return c.moves(b.GetItem(), e, Corrected, by(VerbCorrect), func(i *Item) bool {
			if i.Correction == nil {
				return false
			}
			made := *i.Correction
			made.Made = e.Time
			i.Correction = &made
			return true
		})
	case *agencyv1.ProcedureStarted:
		return c.moves(b.GetItem(), e, ProcedureOpen, by(VerbStartProcedure), func(i *Item) bool {
			i.Procedure = &Procedure{Kind: b.GetProcedure(), Notice: b.GetNotice(), Since: e.Time, Until: b.GetUntilTime().AsTime()}
			c.stop(e, i, b.GetProcedure(), 0)
			return !i.AcceptTime.IsZero()
		})
	case *agencyv1.ProcedureEnded:
		return c.moves(b.GetItem(), e, ProcedureEnded, by(VerbEndProcedure), func(i *Item) bool {
			i.Procedure = nil
			return true
		})
	case *agencyv1.LimitExtended:
		return c.with(b.GetItem(), e, func(i *Item) bool {
			may := !i.Extended && i.Accepted()
			i.Extended = true
			return may
		})
	case *agencyv1.ReportNoted: // which is nothing that happens to the item
		return true, e.Line != nil && c.Item(b.GetItem()) != nil
	default:
		return false, false
	}
}

// applyAccepted: acceptance happens once an attempt, and rests on a commitment that was signed for it or on none.
func (c *Case) applyAccepted(i *Item, b *agencyv1.ItemAccepted) bool {
	may := i.AcceptTime.IsZero()
	i.AcceptTime, i.Deemed, i.Tolerant = b.GetAcceptTime().AsTime(), b.GetDeemed(), b.GetCommitment() > 0
	if !i.Tolerant {
		return may
	}
	k := c.signedFor(i, i.Attempt, agencyv1.Commitment_TOLERANCE)
	if k == nil || k.Number != int(b.GetCommitment()) {
		return false
	}
	k.State = agencyv1.Commitment_RUNNING
	return may
}

func (c *Case) applyDecision(e Event) (known, follows bool) {
	switch b := e.Body.(type) {
	case *agencyv1.ItemApproved:
		to := Approved
		if b.GetTolerantly() {
			to = ApprovedTolerantly
		}
		return c.moves(b.GetItem(), e, to, by(VerbApprove), func(i *Item) bool {
			i.Conditions, i.Workdays, i.DecideTime = b.GetConditions(), int(b.GetWorkdays()), e.Time
			if b.GetOnPromise() {
				k := c.signedFor(i, i.Attempt, agencyv1.Commitment_PROMISE)
				if k == nil {
					return false
				}
				k.State = agencyv1.Commitment_RUNNING
			}
			return !i.AcceptTime.IsZero()
		})
	case *agencyv1.ItemRefused:
		return c.moves(b.GetItem(), e, Refused, by(VerbRefuse, VerbBreak), func(i *Item) bool {
			i.Reason, i.Remedy, i.Workdays, i.Cause, i.DecideTime = b.GetReason(), b.GetRemedy(), int(b.GetWorkdays()), b.GetCause(), e.Time
			i.Before, i.Procedure = 0, nil
			return !i.AcceptTime.IsZero()
		})
	case *agencyv1.ItemRetracted:
		return c.moves(b.GetItem(), e, Retracted, by(VerbWithdraw, VerbLapse), func(i *Item) bool {
			i.Reason, i.Cause = b.GetReason(), b.GetCause()
			return i.AcceptTime.IsZero()
		})
	case *agencyv1.WithdrawalRequested:
		return c.moves(b.GetItem(), e, WithdrawalPending, by(VerbWithdraw), func(i *Item) bool {
			i.Before, i.Reason = i.State, b.GetReason()
			return !i.AcceptTime.IsZero()
		})
	case *agencyv1.WithdrawalDeclined:
		back := WithdrawalPending
		if i := c.Item(b.GetItem()); i != nil {
			back = i.Before
		}
		return c.moves(b.GetItem(), e, back, by(VerbDeclineWithdrawal), func(i *Item) bool {
			i.Before, i.Reason = 0, ""
			return true
		})
	case *agencyv1.ItemWithdrawn:
		return c.moves(b.GetItem(), e, Withdrawn, by(VerbConfirmWithdrawal, VerbLapse, VerbBreak), func(i *Item) bool {
			i.Cause, i.Before, i.Procedure = b.GetCause(), 0, nil
			return !i.AcceptTime.IsZero()
		})
	case *agencyv1.ItemRevoked:
		return c.moves(b.GetItem(), e, Revoked, by(VerbRevoke, VerbBreak), func(i *Item) bool {
			i.Reason, i.Cause = b.GetReason(), b.GetCause()
			c.revokeCertificates(i.Def.Code, e.Time)
			return true
		})
	case *agencyv1.ItemConfirmed:
		return c.moves(b.GetItem(), e, Approved, by(VerbConfirm), func(*Item) bool { return true })
	case *agencyv1.CertificateIssued:
		return c.with(b.GetItem(), e, func(i *Item) bool {
			may := (i.State == Approved || i.State == ApprovedTolerantly) && c.certificate(b.GetNumber()) == nil && c.inForce(i.Def.Code) == nil
			c.Certificates = append(c.Certificates, Certificate{Number: b.GetNumber(), Item: b.GetItem(), Document: b.GetDocument(), From: b.GetValidFrom(),
				Until: b.GetValidUntil(), Check: b.GetCheckSha256(), Time: e.Time})
			return may
		})
	default:
		return false, false
	}
}

func by(verbs ...Verb) []Verb { return verbs }

// certificate returns a certificate by its number, nil when there is none.
func (c *Case) certificate(number string) *Certificate {
	for i := range c.Certificates {
		if c.Certificates[i].Number == number {
			return &c.Certificates[i]
		}
	}
	return nil
}

// inForce returns the certificate of an item that was not revoked, nil when there is none.
func (c *Case) inForce(item string) *Certificate {
	for i := range c.Certificates {
		if k := &c.Certificates[i]; k.Item == item && k.Revoked.IsZero() {
			return k
		}
	}
	return nil
}

func (c *Case) revokeCertificates(item string, at time.Time) {
	for i := range c.Certificates {
		if k := &c.Certificates[i]; k.Item == item && k.Revoked.IsZero() {
			k.Revoked = at
		}
	}
}

// promised lets something happen to a commitment that is there, if it can.
func (c *Case) promised(number int32, e Event, f func(k *Commitment) bool) (known, follows bool) {
	k := c.Commitment(int(number))
	if k == nil {
		return true, false
	}
	if i := c.Item(k.Item); i != nil {
		i.Touched = e.Time
	}
	return true, f(k)
}

// ends ends a commitment; a wish for more time that still waits is overtaken.
func (k *Commitment) ends(to CommitmentState, at time.Time) {
	k.State, k.EndTime = to, at
	k.overtake()
}

// overtake does away with a wish for more time that still waits.
func (k *Commitment) overtake() { k.decide(DecisionOvertaken, "") }

// decide decides a wish for more time, and reports whether one waits.
func (k *Commitment) decide(decision, answer string) bool {
	if !k.Waits() {
		return false
	}
	decided := *k.Extension
	decided.Decision, decided.Answer = decision, answer
	k.Extension = &decided
	return true
}

func (c *Case) applyCommitment(e Event) (known, follows bool) {
	switch b := e.Body.(type) {
	case *agencyv1.CommitmentSigned:
		if i := c.Item(b.GetItem()); int(b.GetNumber()) != len(c.Commitments)+1 || i == nil || int(b.GetAttempt()) != c.attemptNow(i) {
			return true, false
		}
		c.Commitments = append(c.Commitments, Commitment{Number: int(b.GetNumber()), Item: b.GetItem(), Attempt: int(b.GetAttempt()), Kind: b.GetKind(),
			State: agencyv1.Commitment_SIGNED, Materials: b.GetMaterials(), Workdays: int(b.GetWorkdays()), Consequence: b.GetConsequence(), Text: b.GetText(),
			SHA256: b.GetTextSha256(), Signer: b.GetSigner(), SignerName: b.GetSignerName(), SignTime: e.Time, Supplies: len(c.Supplies)})
		return true, true
	case *agencyv1.CommitmentKept:
		return c.promised(b.GetNumber(), e, func(k *Commitment) bool {
			live := k.Live()
			k.ends(agencyv1.Commitment_KEPT, e.Time)
			return live
		})
	case *agencyv1.CommitmentBroken:
		return c.promised(b.GetNumber(), e, func(k *Commitment) bool {
			live := k.Live()
			k.Consequence = b.GetConsequence()
			k.ends(agencyv1.Commitment_BROKEN, e.Time)
			return live
		})
	case *agencyv1.CommitmentReleased:
		return c.promised(b.GetNumber(), e, func(k *Commitment) bool {
			may := k.Live() || k.State == agencyv1.Commitment_SIGNED
			k.ends(agencyv1.Commitment_RELEASED, e.Time)
			return may
		})
	case *agencyv1.CreditRepaired:
		return c.promised(b.GetNumber(), e, func(k *Commitment) bool {
			bars := k.Bars()
			k.RepairTime = e.Time
			return bars
		})
	case *agencyv1.PromiseReported:
		return c.promised(b.GetNumber(), e, func(k *Commitment) bool {
			may := k.Kind == agencyv1.Commitment_PROMISE && k.Live() && !k.Reported
			k.Reported = true
			k.overtake()
			return may
		})
	case *agencyv1.PromiseDiffers:
		return c.promised(b.GetNumber(), e, func(k *Commitment) bool {
			may := k.Live() && k.Reported
			k.State, k.Reported, k.Fixing = agencyv1.Commitment_TO_FIX, false, true
			return may
		})
	default:
		return c.applyExtension(e)
	}
}

func (c *Case) applyExtension(e Event) (known, follows bool) {
	switch b := e.Body.(type) {
	case *agencyv1.CommitmentExtensionRequested:
		return c.promised(b.GetNumber(), e, func(k *Commitment) bool {
			i := c.Item(k.Item)
			if i == nil || !k.Live() || k.Reported || k.Waits() {
				return false
			}
			k.Extension = &Extension{Workdays: int(b.GetWorkdays()), Reason: b.GetReason(), Documents: b.GetDocuments(), Time: e.Time}
			c.stop(e, i, StopMoreTime, k.Number)
			return true
		})
	case *agencyv1.CommitmentExtensionDecided:
		return c.promised(b.GetNumber(), e, func(k *Commitment) bool {
			decision := DecisionRefused
			if b.GetGranted() {
				decision = DecisionGranted
			}
			return k.decide(decision, b.GetReason())
		})
	default:
		return false, false
	}
}

// Decisions about a wish for more time.
const (
	DecisionGranted   = "granted"
	DecisionRefused   = "refused"
	DecisionOvertaken = "overtaken" // the commitment ended, or was reported, before
)

func (c *Case) applyAside(e Event) (known, follows bool) {
	switch b := e.Body.(type) {
	case *agencyv1.JointReviewOpened:
		if int(b.GetNumber()) != len(c.Reviews)+1 || slices.ContainsFunc(b.GetItems(), func(code string) bool { return c.Item(code) == nil }) {
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
		if n < 0 || r.Opinions[n].Opinion != "" {
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
		if slices.ContainsFunc(c.Tickets, func(t Ticket) bool { return t.ID == b.GetTicket() }) {
			return true, false
		}
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
